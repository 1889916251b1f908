"""What all Load Modules have in common: pins that are given back, a loop that goes on."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_LM = "micrOS/source/modules/LM_"
_TEST = "tests/unit/micrOS/lm/test_"

MUTANTS = (
    Mutant(
        name="lamp-keeps-its-pins-after-deinit",
        file="micrOS/source/lamp.py",
        old="            self._outputs.pop().deinit()\n        LogicalPins.release(self._owner)\n",
        new="            self._outputs.pop().deinit()\n",
        tests=(f"{_TEST}rgb.py::test_outputs_are_let_go",),
    ),
    Mutant(
        name="lamp-without-output-believes-to-be-on",
        file="micrOS/source/lamp.py",
        old="        self._store.flush()\n        self.is_on = False\n",
        new="        self._store.flush()\n",
        tests=(f"{_TEST}rgb.py::test_lamp_that_was_let_go_comes_back",),
    ),
    Mutant(
        name="pixels-keep-their-pin-after-deinit",
        file=f"{_LM}neopixel.py",
        old="        LogicalPins.release('neopixel')\n",
        new="",
        tests=(f"{_TEST}neopixel.py::test_deinit_gives_the_pin_back",),
    ),
    Mutant(
        name="any-pin-is-kept-after-a-failure",
        file=f"{_LM}genIO.py",
        old="        if owner is None:\n            del LogicalPins.State.booked[gpio]\n",
        new="",
        tests=(f"{_TEST}genIO.py::test_pin_that_is_not_up_to_it_is_not_kept",),
    ),
    Mutant(
        name="any-pin-is-lost-after-a-failure",
        file=f"{_LM}genIO.py",
        old="        if owner is None:\n            del",
        new="        if True:\n            del",
        tests=(f"{_TEST}genIO.py::test_pin_stays_booked_when_a_later_use_of_it_fails",),
    ),
    Mutant(
        name="echo-is-awaited-for-a-second",
        file="micrOS/source/drivers/hcsr04.py",
        old="_TIMEOUT_US = const(30000)",
        new="_TIMEOUT_US = const(1000000)",
        tests=(
            f"{_TEST}stillness.py::test_loop_goes_on_while_an_echo_is_awaited",
            f"{_TEST}stillness.py::test_loop_goes_on_while_nobody_answers",
        ),
    ),
    Mutant(
        name="fade-holds-the-loop",
        file="micrOS/source/lamp.py",
        old="                await asyncio.sleep_ms(self._pause_ms)\n",
        new="                __import__('time').sleep_ms(self._pause_ms)\n",
        tests=(f"{_TEST}stillness.py::test_loop_goes_on_during_calls",),
    ),
    Mutant(
        name="thread-comes-in-during-a-1-wire-slot",
        file="simulator/micropython/_onewire.py",
        old="    _later(machine, low_us if bit else low_us + bit_us, lambda: pad.set_level(1))\n",
        new="    machine.cpu.busy(low_us if bit else low_us + bit_us)\n    pad.set_level(1)\n",
        tests=(f"{_TEST}ds18.py::test_busy_loop_disturbs_no_slot",),
    ),
    Mutant(
        name="help-books-pins",
        file=f"{_LM}roboarm.py",
        old="_stopper = motion.Stopper()\n",
        new="_stopper = motion.Stopper()\nLM_servo.sduty()\n",
        tests=(f"{_TEST}help_on_boards.py::test_modules_tell_how_they_are_used",),
    ),
    Mutant(
        name="direction-of-a-bridge-is-not-booked",
        file=f"{_LM}L298N_DCmotor.py",
        old="motion.bind(_PINS, 'L298N_DCmotor')",
        new="[physical_pin(name) for name in _PINS]",
        tests=(f"{_TEST}pin_conflicts.py::test_second_module_on_a_pin_is_refused",),
    ),
    Mutant(
        name="unloading-forgets-what-waits-to-be-saved",
        file="micrOS/source/lm_unload.py",
        old="        save()\n",
        new="        pass\n",
        tests=("tests/unit/micrOS/lm/test_switch.py::test_state_is_there_when_the_module_is_loaded_again_at_once",),
    ),
)
