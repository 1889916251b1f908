"""Cron and the sun: moments of the week, steps of the clock, places on the globe."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_CRON = "micrOS/source/cron.py"
_CRONTAB = "micrOS/source/crontab.py"
_SUN = "micrOS/source/sun.py"
_TEST = "tests/unit/micrOS/test_cron.py"
_GRAMMAR = "tests/unit/micrOS/test_crontab.py"
_SKY = "tests/unit/micrOS/test_sun.py"
_ORACLE = "tests/unit/micrOS/test_cron_properties.py::test_what_runs_is_what_the_promise_says"
_MOMENTS = f"{_TEST}::test_entry_runs_at_its_moments"
_DAILY = f"{_TEST}::test_daily_entry_runs_once_a_day_whatever_the_period_and_its_phase"
_VECTORS = f"{_SKY}::test_vectors_are_as_skyfield_says"
_WRONG = f"{_GRAMMAR}::test_wrong_entry_is_told_by_text_and_position_and_the_others_stay"

MUTANTS = (
    Mutant(
        name="cron-runs-a-second-late",
        file=_CRON,
        old="            if abs(moment) <= now_s:\n",
        new="            if abs(moment) < now_s:\n",
        tests=(_DAILY,),
    ),
    Mutant(
        name="cron-runs-a-second-early",
        file=_CRON,
        old="            if abs(moment) <= now_s:\n",
        new="            if abs(moment) <= now_s + 1:\n",
        tests=(_MOMENTS,),
    ),
    Mutant(
        name="cron-misses-the-second-after-a-tick",
        file=_CRON,
        old="_seek(when, after_s + 1, 1)",
        new="_seek(when, after_s + 2, 1)",
        tests=(f"{_TEST}::test_wildcards_run_as_often_as_they_say", _ORACLE),
    ),
    Mutant(
        name="cron-weekday-is-off-by-one",
        file=_CRON,
        old="((86400, 7, 5, 0)",
        new="((86400, 7, 6, 0)",
        tests=(_MOMENTS,),
    ),
    Mutant(
        name="cron-looks-one-tick-only-for-the-soonest",
        file=_CRON,
        old="            self._soonest_s = min(self._soonest_s, abs(moment))\n",
        new="",
        tests=(_MOMENTS,),
    ),
    Mutant(
        name="cron-looks-for-moments-at-every-tick",
        file=_CRON,
        old="            if now_s >= self._soonest_s:\n",
        new="            self._due = self._due and [self._next(0, now_s - 1)] + self._due[1:]\n            if True:\n",
        tests=(f"{_TEST}::test_tick_without_a_due_entry_looks_for_nothing",),
    ),
    Mutant(
        name="cron-gap-runs-in-the-order-of-the-text",
        file=_CRON,
        old="for _, i in sorted(found)]",
        new="for _, i in found]",
        tests=(f"{_TEST}::test_gap_runs_entries_in_the_order_of_their_moments",),
    ),
    Mutant(
        name="cron-gap-runs-each-moment-in-it",
        file=_CRON,
        old="self._due[i] = self._next(i, now_s)\n",
        new="self._due[i] = self._next(i, abs(moment))\n",
        tests=(f"{_TEST}::test_gap_up_to_an_hour_runs_once_what_was_due_in_it",),
    ),
    Mutant(
        name="cron-makes-up-for-a-day",
        file=_CRON,
        old="self._max_gap_s = _STEP_S + _LATE_S + period_s",
        new="self._max_gap_s = _DAY_S",
        tests=(f"{_TEST}::test_gap_up_to_an_hour_runs_once_what_was_due_in_it",),
    ),
    Mutant(
        name="cron-skips-the-hour-of-summer-time",
        file=_CRON,
        old="self._max_gap_s = _STEP_S + _LATE_S + period_s",
        new="self._max_gap_s = _STEP_S",
        tests=(f"{_TEST}::test_summer_time_makes_up_for_the_hour_that_it_takes",),
    ),
    Mutant(
        name="cron-gap-runs-again-after-a-step-back",
        file=_CRON,
        old="            stretches[-1][1] = max(stretches[-1][1], last_s)\n",
        new="            pass\n",
        tests=(f"{_TEST}::test_step_back_up_to_an_hour_runs_nothing_twice", _ORACLE),
    ),
    Mutant(
        name="cron-hour-back-starts-afresh",
        file=_CRON,
        old="last_s - now_s > _STEP_S:",
        new="last_s - now_s >= _STEP_S:",
        tests=(f"{_TEST}::test_step_back_up_to_an_hour_runs_nothing_twice",),
    ),
    Mutant(
        name="cron-knows-only-the-last-stretch",
        file=_CRON,
        old="[stretch for stretch in stretches if stretch is not current][-_MAX_STRETCHES:] + [current]",
        new="[current]",
        tests=(f"{_TEST}::test_step_back_behind_the_start_runs_what_never_ran", _ORACLE),
    ),
    Mutant(
        name="cron-skipped-moments-count-as-run",
        file=_CRON,
        old="        current = [now_s, now_s]\n",
        new="        current = [min(now_s, last_s or now_s), now_s]\n",
        tests=(f"{_TEST}::test_step_back_into_what_was_skipped_runs_what_never_ran",),
    ),
    Mutant(
        name="cron-trusts-a-clock-that-was-never-set",
        file=_CRON,
        old="        if now_s < CLOCK_SET_S:\n",
        new="        if now_s < 0:\n",
        tests=(f"{_TEST}::test_nothing_runs_before_the_clock_is_set",),
    ),
    Mutant(
        name="cron-sunset-runs-again-for-a-moved-place",
        file=_CRON,
        old=" and abs(moment - self._ran[i]) >= _HALF_DAY_S:",
        new=":",
        tests=(f"{_TEST}::test_sun_runs_once_a_day_though_the_place_moves",),
    ),
    Mutant(
        name="cron-forgets-the-sunset-of-the-evening-before",
        file=_CRON,
        old="range(day - 2, day + 3)",
        new="range(day, day + 3)",
        tests=(f"{_TEST}::test_sun_that_sets_on_another_date_runs_each_day",),
    ),
    Mutant(
        name="cron-never-looks-for-the-sun-again",
        file=_CRON,
        old="            return -after_s - _DAY_S\n",
        new="            return -after_s - 400 * _DAY_S\n",
        tests=(f"{_TEST}::test_entry_of_a_sun_that_does_not_set_waits_for_the_day_on_which_it_does",),
    ),
    Mutant(
        name="cron-replay-is-a-day-off",
        file=_CRON,
        old="_seek(when, until_s, -1)",
        new="_seek(when, until_s - _DAY_S, -1)",
        tests=(f"{_TEST}::test_replay_gives_each_entry_once_in_the_order_of_its_last_moment",),
    ),
    Mutant(
        name="cron-replay-and-tick-run-the-same-moment",
        file=_CRON,
        old="self._previous(i, self._last_s, window_s)",
        new="self._previous(i, now_s, window_s)",
        tests=(f"{_TEST}::test_replay_leaves_to_the_ticks_what_they_have_not_seen",),
    ),
    Mutant(
        name="cron-replayed-sunset-runs-again",
        file=_CRON,
        old="                    found.append((moment, i))\n                    self._ran[i] = moment\n        return",
        new="                    found.append((moment, i))\n        return",
        tests=(f"{_TEST}::test_replayed_sunset_does_not_run_again_for_a_moved_place",),
    ),
    Mutant(
        name="crontab-range-does-not-wrap",
        file=_CRONTAB,
        old="last + 1 if first <= last else last + size + 1",
        new="last + 1",
        tests=(f"{_GRAMMAR}::test_field_has_its_values_and_the_others_all",),
    ),
    Mutant(
        name="crontab-range-loses-its-end",
        file=_CRONTAB,
        old="last + 1 if first <= last",
        new="max(first + 1, last) if first <= last",
        tests=(f"{_GRAMMAR}::test_field_has_its_values_and_the_others_all",),
    ),
    Mutant(
        name="crontab-list-keeps-its-last-part",
        file=_CRONTAB,
        old="        for part in fields[i].split(','):",
        new="        for part in fields[i].split(',')[-1:]:",
        tests=(f"{_GRAMMAR}::test_field_has_its_values_and_the_others_all",),
    ),
    Mutant(
        name="crontab-sunset-is-always-later",
        file=_CRONTAB,
        old="    return minutes if text[0] == '+' else -minutes\n",
        new="    return minutes\n",
        tests=(f"{_GRAMMAR}::test_sun_is_twice_its_shift_and_which",),
    ),
    Mutant(
        name="crontab-cuts-commands-at-quoted-semicolons",
        file=_CRONTAB,
        old="        elif char in '\"\\'':\n            opened = i\n",
        new="",
        tests=(f"{_GRAMMAR}::test_text_is_cut_into_entries_and_their_commands",),
    ),
    Mutant(
        name="crontab-open-quote-takes-the-entries-after-it",
        file=_CRONTAB,
        old="        marks += [i for i in range(opened, len(text)) if text[i] == ';']\n",
        new="        pass\n",
        tests=(_WRONG,),
    ),
    Mutant(
        name="crontab-double-semicolon-is-two",
        file=_CRONTAB,
        old="    double = [i for i in marks if i + 1 in marks]\n",
        new="    double = []\n",
        tests=(f"{_GRAMMAR}::test_text_is_cut_into_entries_and_their_commands",),
    ),
    Mutant(
        name="crontab-first-wrong-entry-ends-the-list",
        file=_CRONTAB,
        old="i + 1, part, e))\n",
        new="i + 1, part, e))\n            break\n",
        tests=(_WRONG,),
    ),
    Mutant(
        name="crontab-positions-count-the-good-ones",
        file=_CRONTAB,
        old="entries.append((i + 1,) + _entry(part))",
        new="entries.append((len(entries) + 1,) + _entry(part))",
        tests=(_WRONG,),
    ),
    Mutant(
        name="sun-is-iterated-once",
        file=_SUN,
        old="_ITERATIONS = 2\n",
        new="_ITERATIONS = 1\n",
        tests=(_VECTORS,),
    ),
    Mutant(
        name="sun-has-no-width",
        file=_SUN,
        old="_SIN_HORIZON = -0.014543",
        new="_SIN_HORIZON = -0.009890",
        tests=(_VECTORS,),
    ),
    Mutant(
        name="sun-counts-days-in-single-precision",
        file=_SUN,
        old="0.98564737 * (day - 0.5 + utc_s / _DAY_S)",
        new="0.98564737 * (2451544.5 + day + utc_s / _DAY_S - 2451544.5 - 0.5)",
        tests=(_VECTORS,),
    ),
    Mutant(
        name="sun-takes-east-for-west",
        file=_SUN,
        old="43200 - round(240 * longitude)",
        new="43200 + round(240 * longitude)",
        tests=(_VECTORS,),
    ),
    Mutant(
        name="sun-loses-the-sign-of-the-latitude",
        file=_SUN,
        old="second, latitude = noon_s, latitude * _RAD",
        new="second, latitude = noon_s, abs(latitude) * _RAD",
        tests=(_VECTORS,),
    ),
    Mutant(
        name="sun-knows-whole-hours-of-the-zone",
        file=_SUN,
        old="    offset_s = offset_min * 60\n",
        new="    offset_s = offset_min // 60 * 3600\n",
        tests=(f"{_SKY}::test_offset_moves_both_by_its_minutes",),
    ),
    Mutant(
        name="sun-noon-leaves-its-date",
        file=_SUN,
        old=" + offset_s) % _DAY_S\n",
        new=") % _DAY_S + offset_s\n",
        tests=(f"{_SKY}::test_midsummer_of_2026_in_local_time_is_skyfields",),
    ),
    Mutant(
        name="sun-calls-a-polar-night-day",
        file=_SUN,
        old="sin(latitude * _RAD) * sin_declination > _SIN_HORIZON",
        new="sin_declination > _SIN_HORIZON",
        tests=(f"{_SKY}::test_polar_days_and_nights_say_what_they_are",),
    ),
)
