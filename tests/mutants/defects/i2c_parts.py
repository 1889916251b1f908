"""What hangs on I2C: the bus, framebuf and pictures, models of parts, drivers, Load Modules."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_SOURCE = "micrOS/source"
_LM = f"{_SOURCE}/modules/LM_"
_DRIVER = f"{_SOURCE}/drivers/"
_DEVICES = "simulator/devices/"
_TEST = "tests/unit/micrOS/lm/test_"
_DRIVER_TEST = "tests/unit/micrOS/drivers/test_"
_MODEL = "tests/unit/simulator/devices/test_"
_API = "tests/unit/simulator/micropython/test_"
_I2C = "simulator/micropython/_i2c.py"
_FRAMEBUF = "simulator/micropython/framebuf.py"

MUTANTS = (
    # --- bus ------------------------------------------------------------------------------------------------------
    Mutant(
        name="clock-held-takes-no-time",
        file=_I2C,
        old="        machine.cpu.busy(self._time_us([] if answer is None else segments) + held_us)\n",
        new="        machine.cpu.busy(self._time_us([] if answer is None else segments))\n",
        tests=(f"{_API}machine_i2c.py::test_clock_held_within_the_limit_makes_it_slower",),
    ),
    Mutant(
        name="clock-may-be-held-for-ever",
        file=_I2C,
        old="        is_too_long = self._bus.longest_hold_us >= max(1, self._timeout_us)\n",
        new="        is_too_long = False\n",
        tests=(f"{_API}machine_i2c.py::test_clock_held_beyond_the_limit_is_etimedout",),
    ),
    Mutant(
        name="clock-that-is-low-is-not-waited-for",
        file=_I2C,
        old="            if waited_us >= self._timeout_us:\n",
        new="            if True:\n",
        tests=(f"{_API}machine_i2c.py::test_clock_released_in_time_is_waited_for",),
    ),
    Mutant(
        name="data-held-low-is-not-seen",
        file=_I2C,
        old="        if _is_held_low(machine, self._sda):\n",
        new="        if False:\n",
        tests=(f"{_API}machine_i2c.py::test_data_held_down_acknowledges_everything_in_software",),
    ),
    Mutant(
        name="holds-of-the-clock-add-up-over-transactions",
        file="simulator/electrical/buses.py",
        old="        self.held_us = self.longest_hold_us = 0\n        device",
        new="        device",
        tests=("tests/unit/simulator/electrical/test_buses.py::test_i2c_hold_of_the_clock_is_told_per_transaction",),
    ),
    Mutant(
        name="pins-of-the-bus-are-not-booked",
        file=f"{_SOURCE}/i2c_bus.py",
        old="            scl, sda = LogicalPins.bind('i2c_scl', _OWNER), LogicalPins.bind('i2c_sda', _OWNER)\n",
        new="            scl, sda = 22, 21\n",
        tests=(f"{_TEST}i2c.py::test_pins_of_the_bus_are_refused_to_others",),
    ),
    Mutant(
        name="first-pin-of-a-refused-bus-stays-booked",
        file=f"{_SOURCE}/i2c_bus.py",
        old="            LogicalPins.release(_OWNER)\n",
        new="",
        tests=(f"{_TEST}i2c.py::test_pin_of_another_module_is_refused_and_nothing_stays_booked",),
    ),
    Mutant(
        name="stuck-bus-is-full-of-parts",
        file=f"{_LM}i2c.py",
        old="    if len(found) == _END - _FIRST:\n",
        new="    if False:\n",
        tests=(f"{_TEST}i2c.py::test_stuck_bus_is_an_error",),
    ),
    Mutant(
        name="stuck-bus-is-empty",
        file=f"{_LM}i2c.py",
        old="            if e.errno != errno.ENODEV:\n                raise\n",
        new="            pass\n",
        tests=(f"{_TEST}i2c.py::test_stuck_bus_is_an_error",),
    ),
    # --- framebuf, pictures ---------------------------------------------------------------------------------------
    Mutant(
        name="high-nibble-is-the-second-pixel",
        file=_FRAMEBUF,
        old="layout in (MONO_HLSB, GS4_HMSB)\n",
        new="layout == MONO_HLSB\n",
        tests=(f"{_API}framebuf.py::test_pixel_has_its_place_in_each_format",),
    ),
    Mutant(
        name="line-lacks-its-last-pixel",
        file=_FRAMEBUF,
        old="        self.point(x2, y2, colour)\n",
        new="        pass\n",
        tests=(f"{_API}framebuf.py::test_drawing_is_the_ports",),
    ),
    Mutant(
        name="scroll-reads-what-it-has-written",
        file=_FRAMEBUF,
        old="    return range(size - 1, step - 1, -1) if step >= 0 else",
        new="    return range(step, size) if step >= 0 else",
        tests=(f"{_API}framebuf.py::test_drawing_is_the_ports",),
    ),
    Mutant(
        name="key-is-compared-before-the-palette",
        file=_FRAMEBUF,
        old="        colours = None if palette is None else _source(palette)\n",
        new="        colours = None\n",
        tests=(f"{_API}framebuf.py::test_blit_leaves_out_the_key_and_maps_through_a_palette",),
    ),
    Mutant(
        name="short-buffer-is-taken",
        file=_FRAMEBUF,
        old=" * bits // 8 > len(memory):\n",
        new=" * bits // 9 > len(memory):\n",
        tests=(f"{_API}framebuf.py::test_wrong_use_is_refused",),
    ),
    Mutant(
        name="picture-has-no-filter-bytes",
        file=f"{_DEVICES}png.py",
        old='b"\\0" + rgb_rows',
        new="rgb_rows",
        tests=(f"{_MODEL}png.py::test_picture_is_read_back",),
    ),
    # --- models ---------------------------------------------------------------------------------------------------
    Mutant(
        name="part-that-was-unplugged-keeps-its-settings",
        file=f"{_DEVICES}i2c_part.py",
        old='"absent" not in self.failed:\n            self.power_up()\n',
        new='"absent" not in self.failed:\n            pass\n',
        tests=(f"{_MODEL}i2c_registers.py::test_unplugged_part_is_silent_and_begins_anew_when_it_is_back",),
    ),
    Mutant(
        name="part-keeps-its-settings-without-supply",
        file=f"{_DEVICES}i2c_part.py",
        old="        self.has_power = on\n        self.power_up()\n",
        new="        self.has_power = on\n",
        tests=(f"{_TEST}oled.py::test_power_cut_of_the_board_darkens_the_display_until_it_is_set_up",),
    ),
    Mutant(
        name="deaf-part-hears",
        file=f"{_DEVICES}i2c_part.py",
        old='        if "deaf" in self.failed:\n',
        new="        if False:\n",
        tests=(f"{_MODEL}i2c_registers.py::test_deaf_part_acknowledges_its_address_only",),
    ),
    Mutant(
        name="register-number-is-little-endian",
        file=f"{_DEVICES}i2c_registers.py",
        old='self._number_bytes], "big")',
        new='self._number_bytes], "little")',
        tests=(f"{_MODEL}i2c_registers.py::test_numbers_of_16_bits_are_big_endian",),
    ),
    Mutant(
        name="bme280-measures-at-once",
        file=f"{_DEVICES}bme280.py",
        old="            self._end = self.site.kernel.at(self.site.now + self.measurement_us(), self._finish_forced)\n",
        new="            self._finish_forced()\n",
        tests=(f"{_MODEL}bme280.py::test_forced_measurement_takes_its_time_and_goes_back_to_sleep",),
    ),
    Mutant(
        name="bme280-humidity-setting-counts-at-once",
        file=f"{_DEVICES}bme280.py",
        old="            self._ctrl_hum = value & 7\n",
        new="            self._ctrl_hum = self._osrs_h = value & 7\n",
        tests=(f"{_MODEL}bme280.py::test_humidity_setting_counts_from_the_next_control_word",),
    ),
    Mutant(
        name="bme280-pressure-ignores-the-temperature",
        file=f"{_DEVICES}bme280.py",
        old="self._pascal(adc, fine) / 100",
        new="self._pascal(adc, 128_422) / 100",
        tests=(f"{_MODEL}bme280.py::test_formulas_are_inverted",),
    ),
    Mutant(
        name="vl53l0x-pages-are-one",
        file=f"{_DEVICES}vl53l0x.py",
        old="        self._registers[self._page, number] = value\n",
        new="        self._registers[0, number] = self._registers[self._page, number] = value\n",
        tests=(f"{_MODEL}vl53l0x.py::test_pages_do_not_disturb_each_other",),
    ),
    Mutant(
        name="vl53l0x-ranges-without-its-stop-variable",
        file=f"{_DEVICES}vl53l0x.py",
        old="        if self._is_open or not self._value(_REG_SEQUENCE) & 0xC0:\n",
        new="        if True:\n",
        tests=(f"{_MODEL}vl53l0x.py::test_nothing_comes_without_the_stop_variable",),
    ),
    Mutant(
        name="vl53l0x-sees-without-limit",
        file=f"{_DEVICES}vl53l0x.py",
        old=" and self.distance_mm <= self._reach_mm\n",
        new="\n",
        tests=(f"{_MODEL}vl53l0x.py::test_no_target_is_a_status_and_no_distance",),
    ),
    Mutant(
        name="ssd1306-shines-without-charge-pump",
        file=f"{_DEVICES}ssd1306.py",
        old="self.has_power and (self._has_pump or self._has_supply)\n",
        new="self.has_power\n",
        tests=(f"{_MODEL}ssd1306.py::test_commands_decide_what_is_lit",),
    ),
    Mutant(
        name="ssd1306-arguments-end-with-the-write",
        file=f"{_DEVICES}ssd1306.py",
        old="    def _take(self, data: bytes) -> None:\n        at = 0\n",
        new="    def _take(self, data: bytes) -> None:\n        self._pending = []\n        at = 0\n",
        tests=(f"{_MODEL}ssd1306.py::test_set_up_display_is_dark_and_on",),
    ),
    Mutant(
        name="ssd1306-window-does-not-wrap",
        file=f"{_DEVICES}ssd1306.py",
        old="            self._column = self._columns[0] if columns_end else (self._column + 1) % WIDTH\n",
        new="            self._column = (self._column + 1) % WIDTH\n",
        tests=(f"{_MODEL}ssd1306.py::test_data_fill_the_window_and_wrap",),
    ),
    # --- drivers and Load Modules ---------------------------------------------------------------------------------
    Mutant(
        name="bme280-cuts-t2-before-it-multiplies",
        file=f"{_DRIVER}bme280.py",
        old="(((adc >> 3) - (t1 << 1)) * t2 >> 11)",
        new="(((adc >> 3) - (t1 << 1)) * (t2 >> 11))",
        tests=(f"{_DRIVER_TEST}bme280.py::test_check_vector",),
    ),
    Mutant(
        name="bme280-p2-is-shifted-the-wrong-way",
        file=f"{_DRIVER}bme280.py",
        old="(v1 * p2 << 12)",
        new="(v1 * p2 >> 12)",
        tests=(f"{_DRIVER_TEST}bme280.py::test_check_vector",),
    ),
    Mutant(
        name="bme280-takes-any-chip",
        file=f"{_DRIVER}bme280.py",
        old="        if chip != _ID:\n",
        new="        if False:\n",
        tests=(f"{_TEST}bme280.py::test_part_without_humidity_is_refused_by_name",),
    ),
    Mutant(
        name="bme280-does-not-wait-long-enough",
        file=f"{_DRIVER}bme280.py",
        old="_TIME_MS = const(11) ",
        new="_TIME_MS = const(8) ",
        tests=(f"{_TEST}bme280.py::test_air_is_told",),
    ),
    Mutant(
        name="bme280-has-one-address",
        file=f"{_LM}bme280.py",
        old="_ADDRESSES = const((0x76, 0x77))\n",
        new="_ADDRESSES = const((0x76,))\n",
        tests=(f"{_TEST}bme280.py::test_part_at_the_other_address_is_found",),
    ),
    Mutant(
        name="bme280-needs-the-gas-module-for-everything",
        file=f"{_LM}bme280.py",
        old="import i2c_bus\n",
        new="import i2c_bus\nimport LM_co2\n",
        tests=(f"{_TEST}bme280.py::test_without_the_gas_module_the_air_is_told_all_the_same",),
    ),
    Mutant(
        name="vl53l0x-is-at-39",
        file=f"{_DRIVER}vl53l0x.py",
        old="address=0x29",
        new="address=0x39",
        tests=(f"{_TEST}VL53L0X.py::test_distance_is_told",),
    ),
    Mutant(
        name="vl53l0x-spads-begin-at-0",
        file=f"{_DRIVER}vl53l0x.py",
        old="range(_FIRST_APERTURE_SPAD if is_aperture else 0,",
        new="range(0,",
        tests=(f"{_DRIVER_TEST}vl53l0x.py::test_first_good_spads_of_the_kind_are_enabled",),
    ),
    Mutant(
        name="vl53l0x-status-is-ignored",
        file=f"{_DRIVER}vl53l0x.py",
        old=" if self.status == _VALID else None\n",
        new="\n",
        tests=(f"{_TEST}VL53L0X.py::test_no_target_is_no_distance",),
    ),
    Mutant(
        name="vl53l0x-starts-on-the-page-where-it-failed",
        file=f"{_DRIVER}vl53l0x.py",
        old="        self._put(b'\\xff\\x00\\x80\\x00')        # where an earlier try may have ended\n",
        new="",
        tests=(f"{_TEST}VL53L0X.py::test_failure_at_the_first_call_is_an_error",),
    ),
    Mutant(
        name="vl53l0x-waits-for-ever",
        file=f"{_DRIVER}vl53l0x.py",
        old="                raise OSError(errno.ETIMEDOUT)\n",
        new="                pass\n",
        tests=(f"{_TEST}VL53L0X.py::test_failure_is_an_error_and_ends",),
    ),
    Mutant(
        name="oled-shows-the-noise-of-its-memory",
        file=f"{_DRIVER}ssd1306.py",
        old="        self._send(_COMMANDS, _SETUP)\n",
        new="        self._send(_COMMANDS, _SETUP)\n        self.power(True)\n",
        tests=(f"{_TEST}oled.py::test_noise_of_a_fresh_display_is_never_seen",),
    ),
    Mutant(
        name="oled-sends-a-picture-in-one-go",
        file=f"{_DRIVER}ssd1306.py",
        old="            await asyncio.sleep_ms(0)\n",
        new="            pass\n",
        tests=(f"{_TEST}oled.py::test_others_run_between_the_pages",),
    ),
    Mutant(
        name="oled-that-is-back-is-not-set-up",
        file=f"{_DRIVER}ssd1306.py",
        old="        except OSError:\n            self.is_ready = False\n",
        new="        except OSError:\n",
        tests=(f"{_TEST}oled.py::test_absent_display_is_an_error_and_gets_its_picture_when_it_is_back",),
    ),
    Mutant(
        name="oled-show-needs-another-call-before",
        file=f"{_LM}oled.py",
        old="    await (await _display()).show()\n",
        new="    await displays[0].show()\n",
        tests=(f"{_TEST}oled.py::test_show_may_come_first",),
    ),
    Mutant(
        name="oled-takes-any-colour",
        file=f"{_LM}oled.py",
        old="    if state not in (0, 1):\n",
        new="    if False:\n",
        tests=(f"{_TEST}oled.py::test_what_cannot_be_drawn_is_refused",),
    ),
    Mutant(
        name="adc-page-without-pin-fails",
        file=f"{_LM}oled_ui.py",
        old="    except ValueError:\n        display.text('genadc: ",
        new="    except KeyError:\n        display.text('genadc: ",
        tests=(f"{_TEST}oled_ui.py::test_adc_page_without_its_pin_says_so",),
    ),
    Mutant(
        name="page-of-nodes-needs-addresses",
        file=f"{_LM}oled_ui.py",
        old=" if address else '?'\n",
        new="\n",
        tests=(f"{_TEST}oled_ui.py::test_page_of_nodes_names_those_that_were_commanded",),
    ),
    Mutant(
        name="message-hides-behind-the-page",
        file=f"{_LM}oled_ui.py",
        old="        if not _Ui.message:\n            await",
        new="        if True:\n            await",
        tests=(f"{_TEST}oled_ui.py::test_message_is_shown_before_any_page",),
    ),
)
