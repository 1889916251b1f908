"""The clock and what hangs on it: the node's cron, place and offset, the daily duties."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_SCHEDULER = "micrOS/source/Scheduler.py"
_PLACE = "micrOS/source/place.py"
_GEO = "micrOS/source/geolocation.py"
_HTTP = "micrOS/source/http_get.py"
_KEEPER = "micrOS/source/clock_keeper.py"
_STORE = "micrOS/source/config_store.py"
_CRON_TEST = "tests/unit/micrOS/test_Scheduler.py"
_TIME_TEST = "tests/unit/micrOS/test_Time.py"
_GEO_TEST = "tests/unit/micrOS/test_geolocation.py"
_NO_ANSWER = f"{_GEO_TEST}::test_answer_that_is_none_is_not_taken"
_NO_STREAM = f"{_GEO_TEST}::test_stream_that_is_no_answer_is_not_taken"
_SUMMER = f"{_TIME_TEST}::test_clock_follows_summer_time_in_the_night"
_REPLAY = f"{_CRON_TEST}::test_replay_runs_what_was_due_last_in_order"

MUTANTS = (
    Mutant(
        name="cron-never-reads-its-tasks-again",
        file=_SCHEDULER,
        old="        if text != self._text:\n",
        new="        if self._text is None:\n",
        tests=(f"{_CRON_TEST}::test_changed_tasks_take_effect_without_a_reboot",),
    ),
    Mutant(
        name="cron-forgets-what-was-due-when-its-tasks-change",
        file=_SCHEDULER,
        old="            if not is_same:\n                self._table.refresh()\n",
        new="            if not is_same:\n                self._table.refresh()\n                self._read(config)\n",
        tests=(f"{_CRON_TEST}::test_task_that_is_due_while_the_tasks_are_changed_is_not_lost",),
    ),
    Mutant(
        name="cron-keeps-the-sunset-of-the-old-place",
        file=_SCHEDULER,
        old="            if not is_same:\n                self._table.refresh()\n",
        new="",
        tests=(f"{_CRON_TEST}::test_changed_place_moves_the_sunset_that_is_to_come",),
    ),
    Mutant(
        name="cron-hides-a-broken-entry",
        file=_SCHEDULER,
        old="                errlog_add(problem)\n",
        new="                pass\n",
        tests=(f"{_CRON_TEST}::test_broken_entry_among_ten_costs_itself_alone",),
    ),
    Mutant(
        name="cron-does-not-name-the-entry-that-fails",
        file=_SCHEDULER,
        old="'cron: entry %d' % position",
        new="'cron'",
        tests=(f"{_CRON_TEST}::test_failing_command_is_logged_with_its_entry_and_the_next_runs",),
    ),
    Mutant(
        name="cron-falls-with-the-sun",
        file=_SCHEDULER,
        old="        except Exception as e:",
        new="        except OSError as e:",
        tests=(f"{_CRON_TEST}::test_sun_that_cannot_be_computed_costs_its_own_entries_alone",),
    ),
    Mutant(
        name="replay-does-not-wait-for-the-clock",
        file=_SCHEDULER,
        old=" or now_s < cron.CLOCK_SET_S and Network.state.now() < State.replay_until:",
        new=":",
        tests=(_REPLAY,),
    ),
    Mutant(
        name="replay-waits-for-ever",
        file=_SCHEDULER,
        old="now_s < cron.CLOCK_SET_S and Network.state.now() < State.replay_until:",
        new="now_s < cron.CLOCK_SET_S:",
        tests=(f"{_CRON_TEST}::test_replay_is_given_up_after_a_day_without_a_clock",),
    ),
    Mutant(
        name="replay-is-never-done",
        file=_SCHEDULER,
        old="        State.replay_until = None\n        return",
        new="        return",
        tests=(_REPLAY,),
    ),
    Mutant(
        name="clock-stays-when-the-offset-changes",
        file=_STORE,
        old="        _shift_clock(value - current)\n",
        new="        pass\n",
        tests=(f"{_TIME_TEST}::test_offset_that_is_set_by_hand_moves_the_clock_at_once", _SUMMER),
    ),
    Mutant(
        name="offset-moves-a-clock-that-was-never-set",
        file="micrOS/source/hal_rare.py",
        old="    if time.localtime()[0] >= _FIRST_YEAR:\n",
        new="    if True:\n",
        tests=(f"{_TIME_TEST}::test_offset_does_not_move_a_clock_that_was_never_set",),
    ),
    Mutant(
        name="pinned-offset-is-overwritten",
        file=_GEO,
        old="    if cfgget('utcauto'):\n",
        new="    if True:\n",
        tests=(f"{_GEO_TEST}::test_pinned_offset_stays",),
    ),
    Mutant(
        name="offset-has-whole-hours",
        file=_GEO,
        old="-43200, 50400) / 60))",
        new="-43200, 50400) // 3600 * 60))",
        tests=(f"{_GEO_TEST}::test_offset_is_that_of_the_place_with_and_without_cron",),
    ),
    Mutant(
        name="offset-needs-cron",
        file=_KEEPER,
        old="    if not geolocation.is_wished():\n",
        new="    if not cfgget('cron') or not geolocation.is_wished():\n",
        tests=(f"{_GEO_TEST}::test_offset_is_that_of_the_place_with_and_without_cron",),
    ),
    Mutant(
        name="service-is-asked-although-all-is-given",
        file=_GEO,
        old="    return cfgget('utcauto') or cold.call('place', 'own') is None\n",
        new="    return True\n",
        tests=(f"{_GEO_TEST}::test_nobody_is_asked_when_place_and_offset_are_given",),
    ),
    Mutant(
        name="place-beyond-the-poles-is-taken",
        file=_GEO,
        old=" or not low <= value <= high:",
        new=":",
        tests=(_NO_ANSWER,),
    ),
    Mutant(
        name="true-is-a-latitude",
        file=_GEO,
        old="    if isinstance(value, bool) or not",
        new="    if not",
        tests=(_NO_ANSWER,),
    ),
    Mutant(
        name="own-place-is-overruled",
        file=_PLACE,
        old="    return own() or _read(_PLACE_FILE, ('lat', 'lon'), _degrees)\n",
        new="    return _read(_PLACE_FILE, ('lat', 'lon'), _degrees) or own()\n",
        tests=(f"{_GEO_TEST}::test_own_place_goes_before_the_one_that_was_found",),
    ),
    Mutant(
        name="place-is-forgotten-without-power",
        file=_PLACE,
        old="    hal.replace_file(path, text)\n    return True\n",
        new="    return True\n",
        tests=(f"{_GEO_TEST}::test_sun_is_known_without_internet_after_a_power_cut",),
    ),
    Mutant(
        name="place-comes-too-late-for-cron",
        file=_PLACE,
        old="        scheduler.refresh()\n",
        new="        pass\n",
        tests=(f"{_CRON_TEST}::test_place_that_is_found_after_the_boot_counts_at_once",),
    ),
    Mutant(
        name="damaged-place-stays",
        file=_PLACE,
        old="    except UnicodeError:\n        pass        # it is damaged\n",
        new="    except UnicodeError:\n        return False\n",
        tests=(f"{_GEO_TEST}::test_damaged_place_is_reported_and_found_anew",),
    ),
    Mutant(
        name="sun-times-wear-the-flash-out",
        file=_PLACE,
        old="        if hal.read_file(path, _MAX_FILE) == text:\n            return False\n",
        new="        pass\n",
        tests=("tests/unit/micrOS/test_boot_stages.py::test_quiet_node_writes_nothing_after_its_first_boot",),
    ),
    Mutant(
        name="http-takes-any-status",
        file=_HTTP,
        old="    if words[1] != b'200':\n",
        new="    if not words[1]:\n",
        tests=(f"{_GEO_TEST}::test_service_that_was_out_of_order_is_asked_again_and_told_once",),
    ),
    Mutant(
        name="http-takes-half-an-answer",
        file=_HTTP,
        old="            if not body_at or needed is not None:\n                raise OSError('HTTP: cut short')\n",
        new="",
        tests=(_NO_STREAM,),
    ),
    Mutant(
        name="http-reads-without-end",
        file=_HTTP,
        old="        if len(data) > body_at + (most if body_at else _MAX_HEAD) or (needed or 0) > most:\n"
        "            raise OSError('HTTP: too long')\n",
        new="",
        tests=(_NO_STREAM, _NO_ANSWER),
    ),
    Mutant(
        name="http-waits-for-a-server-that-drips",
        file=_HTTP,
        old="        if time.ticks_diff(time.ticks_ms(), start) > _TOTAL_MS:\n",
        new="        if False:\n",
        tests=(f"{_GEO_TEST}::test_slow_service_holds_up_neither_shell_nor_clock",),
    ),
    Mutant(
        name="http-waits-for-a-silent-server",
        file=_HTTP,
        old="        client.settimeout(_SILENCE_S)\n",
        new="",
        tests=(f"{_GEO_TEST}::test_service_that_says_nothing_is_given_up",),
    ),
    Mutant(
        name="geolocation-blocks-the-loop",
        file=_KEEPER,
        old="        found = await workers.run(geolocation.ask)\n",
        new="        found = geolocation.ask()\n",
        tests=(f"{_GEO_TEST}::test_slow_service_holds_up_neither_shell_nor_clock",),
    ),
    Mutant(
        name="geolocation-failure-is-told-each-time",
        file=_KEEPER,
        old="    elif name not in told:\n        told.append(name)\n",
        new="",
        tests=(f"{_GEO_TEST}::test_service_that_was_out_of_order_is_asked_again_and_told_once",),
    ),
    Mutant(
        name="geolocation-is-asked-once",
        file=_KEEPER,
        old="    return _until_night() if is_placed else _PLACE_RETRY_S\n",
        new="    return _until_night()\n",
        tests=(f"{_GEO_TEST}::test_service_that_was_out_of_order_is_asked_again_and_told_once",),
    ),
    Mutant(
        name="clock-is-set-at-boot-only",
        file=_KEEPER,
        old="    return _until_night() if is_placed else _PLACE_RETRY_S\n",
        new="    return 100 * _DAY_S if is_placed else _PLACE_RETRY_S\n",
        tests=(_SUMMER, f"{_TIME_TEST}::test_clock_that_is_wrong_is_right_the_next_morning"),
    ),
    Mutant(
        name="home-asks-all-at-once",
        file=_KEEPER,
        old="_NIGHT_S + _SPREAD_S * hal.unique_id()[-1] - time.time()",
        new="_NIGHT_S - time.time()",
        tests=(f"{_TIME_TEST}::test_nodes_of_a_home_do_not_ask_all_at_once",),
    ),
    Mutant(
        name="time-server-that-is-down-is-not-asked-again",
        file=_KEEPER,
        old="    if not is_right:\n        return _CLOCK_RETRY_S\n",
        new="",
        tests=(f"{_TIME_TEST}::test_time_server_that_was_silent_is_asked_again",),
    ),
    Mutant(
        name="summer-time-begins-on-the-last-day",
        file="simulator/lan/services/sites.py",
        old="    return last - timedelta(days=last.isoweekday() % 7)\n",
        new="    return last\n",
        tests=("tests/unit/simulator/lan/test_services_sites.py::test_offset_is_that_of_summer_between_two_sundays",),
    ),
)
