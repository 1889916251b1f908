"""``--simulate --engine micropython``: images of nodes, what was given, the processes."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_IMAGE = "toolkit/simulate_image.py"
_STATE = "toolkit/simulate_state.py"
_FLASH = "simulator/engine/vm/image.py"
_TEST = "tests/unit/toolkit/test_simulate_image.py"
_SYSTEM = "tests/system/test_simulate_vm.py"

MUTANTS = (
    Mutant(
        name="old-firmware-is-taken-for-the-nodes-own",
        file=_IMAGE,
        old="if path not in always and not self._is_given(path, data)]",
        new="if path not in always]",
        tests=(f"{_TEST}::test_new_firmware_reaches_a_node_and_old_files_go",),
    ),
    Mutant(
        name="files-that-are-given-no-more-stay",
        file=_IMAGE,
        old="                node.flash.remove(path)\n",
        new="                continue\n",
        tests=(f"{_TEST}::test_own_module_wins_and_goes_with_its_option",),
    ),
    Mutant(
        name="half-made-image-counts-as-made",
        file=_IMAGE,
        old="            (folder / _NEW).unlink(missing_ok=True)\n",
        new="",
        tests=(f"{_TEST}::test_start_killed_before_it_was_complete_is_done_again",),
    ),
    Mutant(
        name="saved-module-is-not-noted-as-given",
        file=_STATE,
        old="            image.note(path, data)\n",
        new="            pass\n",
        tests=(f"{_TEST}::test_own_module_wins_and_goes_with_its_option",),
    ),
    Mutant(
        name="every-start-writes-a-new-configuration",
        file=_STATE,
        old="        if image.is_new:\n",
        new="        if True:\n",
        tests=(f"{_TEST}::test_second_start_keeps_what_the_node_wrote",),
    ),
    Mutant(
        name="damaged-image-is-formatted",
        file=_FLASH,
        old="                if not self._is_blank():\n",
        new="                if False:\n",
        tests=(f"{_TEST}::test_damaged_image_is_refused_and_not_formatted",),
    ),
    Mutant(
        name="machines-do-not-end-with-their-parent",
        file="simulator/engine/vm/_parent.py",
        old="        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)\n",
        new="        pass\n",
        tests=(f"{_SYSTEM}::test_machine_that_computes_ends_with_a_killed_simulator",),
    ),
    Mutant(
        name="nobody-knows-whose-callback-it-is",
        file="simulator/engine/vm/api.py",
        old='        return {"__name__": self._module(self.number)}\n',
        new="        return {}\n",
        tests=(f"{_SYSTEM}::test_saved_module_is_loaded_anew_and_its_timer_stops",),
    ),
    Mutant(
        name="engine-that-is-missing-is-asked-for-all-the-same",
        file="toolkit/simulate.py",
        old="    _check_engine(options.engine)\n",
        new="",
        tests=(f"{_SYSTEM}::test_engine_that_is_not_installed_is_told_in_one_line",),
    ),
)
