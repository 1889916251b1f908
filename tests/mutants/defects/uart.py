"""Serial lines: characters on nets, the UART of both engines, the serial sensor; pulses of a square wave."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_LINE = "simulator/electrical/uart.py"
_NET = "simulator/electrical/net.py"
_DRIVER = "simulator/micropython/_uart_driver.py"
_IRQ = "simulator/micropython/_uart_irq.py"
_UART = "simulator/micropython/_uart.py"
_STREAM = "simulator/micropython/_uart_stream.py"
_SENSOR = "simulator/devices/serial_sensor.py"
_NET_TEST = "tests/unit/simulator/electrical/test_net.py"
_PIN_TEST = "tests/unit/simulator/micropython/test_machine_pin.py"
_PULSE_TEST = "tests/unit/simulator/micropython/test_machine_pulse.py"
_LINE_TEST = "tests/unit/simulator/electrical/test_uart.py"
_UART_TEST = "tests/unit/simulator/micropython/test_machine_uart.py"
_SENSOR_TEST = "tests/unit/simulator/devices/test_serial_sensor.py"
_VM_TEST = "tests/system/engine_vm/test_serial.py"

MUTANTS = (
    Mutant(
        name="characters-are-rounded-one-by-one",
        file=_LINE,
        old="        end_us = self._begun_us + self.format.time_us(self._count + 1)\n",
        new="        end_us = self._kernel.now + self.format.time_us(1)\n",
        tests=(f"{_LINE_TEST}::test_a_thousand_characters_take_no_longer_than_their_bits",),
    ),
    Mutant(
        name="receiver-does-not-check-parity",
        file=_LINE,
        old="        if format.parity is not None and bits[-2] != format.parity_of(value):\n",
        new="        if False:\n",
        tests=(f"{_LINE_TEST}::test_wrong_parity_is_noticed",),
    ),
    Mutant(
        name="receiver-takes-every-format",
        file=_LINE,
        old="frame.format == self._format and ",
        new="",
        tests=(f"{_LINE_TEST}::test_receiver_at_twice_the_rate_hears_garbage_with_framing_errors",),
    ),
    Mutant(
        name="receiver-looks-while-a-character-passes",
        file=_LINE,
        old="        if self._net.real().frame is None:  # else its end will tell what was on the line\n",
        new="        if True:\n",
        tests=(f"{_LINE_TEST}::test_receiver_at_a_third_of_the_rate_takes_several_characters_for_one",),
    ),
    Mutant(
        name="short-low-pulse-is-a-start-bit",
        file=_LINE,
        old="            if len(self._bits) == 1 and level:\n",
        new="            if False:\n",
        tests=(f"{_LINE_TEST}::test_low_pulse_shorter_than_half_a_bit_is_no_start",),
    ),
    Mutant(
        name="two-senders-do-not-meet",
        file=_NET,
        old="        if other is not None and other.end_us > net.kernel.now:\n",
        new="        if False:\n",
        tests=(f"{_LINE_TEST}::test_two_who_send_at_once_are_a_fault_and_garbled",),
    ),
    Mutant(
        name="characters-pass-a-line-that-is-held",
        file=_NET,
        old="        if net.level() != frame.format.idle:\n",
        new="        if False:\n",
        tests=(f"{_LINE_TEST}::test_line_held_low_passes_nothing",),
    ),
    Mutant(
        name="joined-net-forgets-who-hears-characters",
        file=_NET,
        old="        mine._on_frame += theirs._on_frame\n",
        new="",
        tests=(f"{_LINE_TEST}::test_joined_nets_carry_characters",),
    ),
    Mutant(
        name="uart-receive-buffer-has-no-end",
        file=_DRIVER,
        old="        if len(piece) > self._rx_bytes - len(self._buffer):\n",
        new="        if False:\n",
        tests=(f"{_UART_TEST}::test_receive_buffer_that_is_full_loses_bytes",),
    ),
    Mutant(
        name="uart-hands-on-each-byte-at-once",
        file=_DRIVER,
        old="        if full_only and len(self._fifo) < self._threshold:\n",
        new="        if False:\n",
        tests=(f"{_UART_TEST}::test_bytes_come_in_pieces_when_a_time_between_them_is_set",),
    ),
    Mutant(
        name="uart-write-never-waits",
        file=_STREAM,
        old="        while busy_us := driver.overfull_us():\n",
        new="        while busy_us := 0:\n",
        tests=(f"{_UART_TEST}::test_write_waits_while_the_buffer_is_full",),
    ),
    Mutant(
        name="uart-counts-its-time-outs-in-milliseconds",
        file=_STREAM,
        old="TICK_US = 10_000\n_MS_PER_TICK = 10\n",
        new="TICK_US = 1_000\n_MS_PER_TICK = 1\n",
        tests=(f"{_UART_TEST}::test_time_outs_are_counted_in_ticks_of_ten_milliseconds",),
    ),
    Mutant(
        name="uart-sends-on-a-pin-that-was-taken-away",
        file=_UART,
        old="        return pad.net if pad.owner == self._owner() else None\n",
        new="        return pad.net\n",
        tests=(f"{_UART_TEST}::test_pin_taken_away_sends_nothing",),
    ),
    Mutant(
        name="uart-is-idle-while-bytes-come",
        file=_IRQ,
        old="            self._is_quiet = False\n",
        new="            self._is_quiet = True\n",
        tests=(f"{_UART_TEST}::test_interrupts_on_bytes_and_on_silence",),
    ),
    Mutant(
        name="uart-that-is-turned-off-goes-on-sending",
        file=_UART,
        old="            self._driver.delete()\n",
        new="",
        tests=(f"{_UART_TEST}::test_turning_off_drops_what_is_on_its_way",),
    ),
    Mutant(
        name="vm-does-not-know-what-an-interrupt-can",
        file="simulator/engine/vm/api.py",
        old="(_PinIrq, UartIrq, type(mem8))",
        new="(type(mem8),)",
        tests=(f"{_VM_TEST}::test_interrupt_objects_have_their_methods",),
    ),
    Mutant(
        name="vm-makes-a-new-uart-each-time",
        file="simulator/engine/vm/api.py",
        old='"machine.UART", ',
        new="",
        tests=(f"{_VM_TEST}::test_there_is_one_object_each",),
    ),
    Mutant(
        name="serial-sensor-answers-every-character",
        file=_SENSOR,
        old="        if byte == self._query and ",
        new="        if ",
        tests=(f"{_SENSOR_TEST}::test_query_is_answered_and_other_characters_are_not",),
    ),
    Mutant(
        name="serial-sensor-forgets-to-wait-again",
        file=_SENSOR,
        old="        self._wait()\n        self._send()\n",
        new="        self._send()\n",
        tests=(f"{_SENSOR_TEST}::test_line_comes_each_period",),
    ),
    Mutant(
        name="cut-wire-of-a-serial-sensor-holds-its-line",
        file=_SENSOR,
        old='        self._port.power(on=self._is_on and "disconnected" not in self.failed)\n',
        new="        self._port.power(on=self._is_on)\n",
        tests=(f"{_SENSOR_TEST}::test_faults_that_send_nothing",),
    ),
    Mutant(
        name="square-wave-has-no-pulses",
        file="simulator/micropython/_pulse.py",
        old="            wave = pad.net.pwm()\n",
        new="            wave = None\n",
        tests=(f"{_PULSE_TEST}::test_pulses_of_a_square_wave_are_measured",),
    ),
    Mutant(
        name="awaited-pulse-misses-a-wave-that-begins",
        file="simulator/micropython/_pulse.py",
        old="for listen in (pad.net.on_change, pad.net.on_pwm)]",
        new="for listen in (pad.net.on_change,)]",
        tests=(f"{_PULSE_TEST}::test_wave_that_begins_while_a_pulse_is_awaited_is_seen",),
    ),
    Mutant(
        name="square-wave-interrupts-once",
        file="simulator/micropython/_pin.py",
        old="        self._edge = None\n        self._follow(machine)\n        if ",
        new="        self._edge = None\n        if ",
        tests=(f"{_PIN_TEST}::test_irq_counts_the_edges_of_a_square_wave",),
    ),
    Mutant(
        name="end-of-a-wave-is-always-an-edge",
        file=_NET,
        old="        if self._wave is not None:\n            self._note(",
        new="        if False:\n            self._note(",
        tests=(f"{_NET_TEST}::test_end_of_a_wave_is_a_change_for_listeners_only_if_the_level_changes",),
    ),
    Mutant(
        name="wave-fights-nobody",
        file=_NET,
        old="        strong = [driver for driver in self._drivers if driver.strength == STRONG]\n        contended",
        new="        strong = [d for d in self._drivers if d.strength == STRONG and not d.pwm]\n        contended",
        tests=(f"{_NET_TEST}::test_wave_against_a_steady_level_is_a_contention_and_against_itself_not",),
    ),
    Mutant(
        name="history-has-no-waves",
        file=_NET,
        old="                found += wave.edges(t_us, end_us)\n",
        new="                pass\n",
        tests=(f"{_NET_TEST}::test_history_has_the_edges_of_waves_between_the_others",),
    ),
    Mutant(
        name="uart-sends-although-it-is-asked-to-wait",
        file=_LINE,
        old="        if self._queue and not self._is_held:\n",
        new="        if self._queue:\n",
        tests=(f"{_UART_TEST}::test_nothing_is_sent_while_cts_is_high",),
    ),
    Mutant(
        name="uart-never-asks-to-wait",
        file=_DRIVER,
        old="        has_room = len(self._fifo) < _ROOM_THRESHOLD\n",
        new="        has_room = True\n",
        tests=(f"{_UART_TEST}::test_rts_asks_to_wait_while_the_buffers_are_full",),
    ),
)
