"""Boot, loader and recovery mode: a node that ends at a dead prompt, out of reach, or worn out."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_LOADER = "micrOS/source/micrOSloader.py"
_RECOVERY = "micrOS/source/recovery.py"
_SHELL = "micrOS/source/recovery_shell.py"
_LOADER_TEST = "tests/unit/micrOS/test_micrOSloader.py"
_RECOVERY_TEST = "tests/unit/micrOS/test_recovery.py"
_STAGES_TEST = "tests/unit/micrOS/test_boot_stages.py"

MUTANTS = (
    # --- boot ---
    Mutant(
        name="main-is-not-mended",
        file="micrOS/source/boot.py",
        old="    _mend_main()\nexcept",
        new="    pass\nexcept",
        tests=(f"{_STAGES_TEST}::test_standard_main_is_restored_and_the_old_one_kept",),
    ),
    Mutant(
        name="broken-loader-ends-at-the-prompt",
        file="micrOS/source/main.py",
        old="    recovery.main('crash', {",
        new="    (lambda *given: None)('crash', {",
        tests=(f"{_STAGES_TEST}::test_garbage_in_a_core_file_leaves_a_reachable_node[/micrOSloader.py]",),
    ),
    Mutant(
        name="error-of-a-boot-stage-is-fatal",
        file="micrOS/source/micrOS.py",
        old="        if is_vital:\n            raise\n",
        new="        raise\n",
        tests=(f"{_STAGES_TEST}::test_stage_that_raises_leaves_a_reachable_node",),
    ),
    Mutant(
        name="node-without-network-goes-on",
        file="micrOS/source/micrOS.py",
        old="        if is_vital:\n            raise\n",
        new="        pass\n",
        tests=(f"{_STAGES_TEST}::test_stage_that_raises_leaves_a_reachable_node",),
    ),
    Mutant(
        name="boot-is-fed-for-ever",
        file="micrOS/source/micrOS.py",
        old="    for _ in range(_BOOT_S // _FEED_S):\n",
        new="    while True:\n",
        tests=(f"{_STAGES_TEST}::test_stage_that_waits_for_ever_ends_in_recovery",),
    ),
    Mutant(
        name="watchdog-is-not-fed",
        file="micrOS/source/hal.py",
        old="        watchdog.feed()\n",
        new="        pass\n",
        tests=(f"{_LOADER_TEST}::test_watchdog_leaves_a_sound_node_alone",),
    ),
    Mutant(
        name="boot-hook-holds-the-boot-up",
        file="micrOS/source/Hooks.py",
        old="        await asyncio.wait_for_ms(done.wait(), _HOOK_MS)\n",
        new="        await done.wait()\n",
        tests=(f"{_STAGES_TEST}::test_boot_hook_without_end_delays_the_boot_for_a_minute_at_most",),
    ),
    # --- the count of crashes ---
    Mutant(
        name="crashes-are-not-counted",
        file=_LOADER,
        old="    crash['count'] = min(crash['count'] + 1, LIMIT)\n",
        new="",
        tests=(f"{_LOADER_TEST}::test_third_crash_leads_to_recovery",),
    ),
    Mutant(
        name="crashes-add-up-over-the-years",
        file="micrOS/source/hal.py",
        old="    _take_mark_back()\n    remove_file(_CRASH_FILE)\n",
        new="    _take_mark_back()\n",
        tests=(f"{_LOADER_TEST}::test_counter_is_removed_when_the_node_has_been_up_for_a_minute",),
    ),
    Mutant(
        name="reset-by-a-boot-hook-is-not-counted",
        file=_LOADER,
        old="    _mark(b'boot')\n",
        new="",
        tests=(f"{_STAGES_TEST}::test_boot_hook_that_resets_the_board_ends_in_recovery",),
    ),
    Mutant(
        name="asked-reboots-count-as-crashes",
        file="micrOS/source/hal.py",
        old="    _take_mark_back()\n    machine.reset()\n",
        new="    machine.reset()\n",
        tests=(f"{_LOADER_TEST}::test_reboot_command_does_not_count",),
    ),
    Mutant(
        name="memory-of-a-load-module-is-overwritten",
        file=_LOADER,
        old="    if _marker() is None:\n        return False\n",
        new="",
        tests=(f"{_LOADER_TEST}::test_memory_of_a_load_module_is_left_alone",),
    ),
    Mutant(
        name="recovery-needs-a-flash-that-can-be-written",
        file=_LOADER,
        old="    return 'crash' if marked == b'rescue' or crash['count'] >= LIMIT else ''\n",
        new="    return 'crash' if crash['count'] >= LIMIT else ''\n",
        tests=(f"{_STAGES_TEST}::test_flash_that_refuses_everything_and_a_crash_end_in_recovery",),
    ),
    # --- recovery mode ---
    Mutant(
        name="update-is-waited-for-without-end",
        file=_RECOVERY,
        old="        if self._is_armed or self.role != 'crash':\n            return STAY_S\n",
        new="        if self._is_armed:\n            return 10 ** 6\n",
        tests=(f"{_RECOVERY_TEST}::test_abandoned_update_ends_after_ten_minutes",),
    ),
    Mutant(
        name="recovery-never-tries-the-normal-system",
        file=_RECOVERY,
        old="            self._keep(self.crash['cycles'] + 1)\n",
        new="            pass\n",
        tests=(f"{_RECOVERY_TEST}::test_node_returns_by_itself_when_the_reason_has_gone",),
    ),
    Mutant(
        name="update-leaves-old-keys",
        file=_RECOVERY,
        old="        _guarded('purge flag', replace_file, _PURGE_FLAG, '')\n",
        new="",
        tests=(f"{_RECOVERY_TEST}::test_complete_update_purges_and_restarts",),
    ),
    Mutant(
        name="scanner-holds-a-node-in-recovery",
        file=_SHELL,
        old="        if line not in _OPEN:\n            self._host.note_use()\n",
        new="        self._host.note_use()\n",
        tests=(f"{_RECOVERY_TEST}::test_somebody_who_works_is_not_interrupted_but_a_scanner_does_not_count",),
    ),
    Mutant(
        name="recovery-access-point-is-open",
        file=_RECOVERY,
        old="    return wanted if 8 <= len(wanted.encode()) <= longest else _DEFAULTS['appwd']\n",
        new="    return wanted\n",
        tests=(f"{_RECOVERY_TEST}::test_access_point_is_never_open",),
    ),
    Mutant(
        name="recovery-stays-an-access-point",
        file=_RECOVERY,
        old="        elif self._wants_station() and waited_s >= _AP_STAY_S and not self._has_guests():\n",
        new="        elif False:\n",
        tests=(f"{_RECOVERY_TEST}::test_network_that_comes_back_is_joined_again",),
    ),
    Mutant(
        name="rescue-shell-can-be-guessed",
        file=_SHELL,
        old="        if wrong < _MAX_WRONG and _is_equal(",
        new="        if _is_equal(",
        tests=(f"{_RECOVERY_TEST}::test_ten_wrong_passwords_lock_the_login_for_five_minutes",),
    ),
    Mutant(
        name="rescue-shell-asks-no-password",
        file=_SHELL,
        old="        if self._asks_password(client) and line not in _OPEN:\n",
        new="        if False:\n",
        tests=(f"{_RECOVERY_TEST}::test_anything_else_counts_as_a_wrong_password",),
    ),
    Mutant(
        name="watchdog-ends-with-a-soft-reset",
        file="simulator/node.py",
        old='        if cause != "soft":\n            stop_watchdog(self.machine)\n',
        new="        if True:\n            stop_watchdog(self.machine)\n",
        tests=("tests/unit/simulator/test_node.py::test_watchdog_survives_a_soft_reset_and_no_other",),
    ),
    Mutant(
        name="reason-does-not-name-the-broken-file",
        file="micrOS/source/micrOSloader.py",
        old="(type(error).__name__, error, _place(trace.getvalue()))",
        new="(type(error).__name__, error, '')",
        tests=(f"{_RECOVERY_TEST}::test_why_names_the_broken_file_and_its_line",),
    ),
)
