"""Logging in, secrets, the error log."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_AUTH = "micrOS/source/auth.py"
_DEBUG = "micrOS/source/Debug.py"
_SERVER = "micrOS/source/SocketServer.py"
_AUTH_TEST = "tests/unit/micrOS/test_auth.py"
_MODEL_TEST = f"{_AUTH_TEST}::test_any_sequence_of_attempts_is_answered_as_the_model_says"
_SECRETS_TEST = "tests/unit/micrOS/test_session_secrets.py"
_DEBUG_TEST = "tests/unit/micrOS/test_Debug.py"
_SERVER_TEST = "tests/unit/micrOS/test_SocketServer.py"

MUTANTS = (
    Mutant(
        name="session-without-password-lasts-as-long-as-it-talks",
        file=_SERVER,
        old=" >= self.login_s() * 1000:\n",
        new=" >= 10 ** 9:\n",
        tests=(f"{_AUTH_TEST}::test_session_without_password_ends_whatever_it_says",),
    ),
    Mutant(
        name="session-with-password-ends-in-two-minutes",
        file=_SERVER,
        old="        if self._state and self.needs_password() and time",
        new="        if self._state and self.server.asks_password and time",
        tests=(f"{_AUTH_TEST}::test_session_with_password_lasts_as_long_as_it_talks",),
    ),
    Mutant(
        name="lock-out-is-never-reached",
        file=_AUTH,
        old="        if self.wrong >= MAX_WRONG:\n",
        new="        if False:\n",
        tests=(_MODEL_TEST,),
    ),
    Mutant(
        name="lock-out-is-everybodys",
        file=_AUTH,
        old="    now = time.ticks_ms()\n    account = _peers.find(peer, now)\n",
        new="    peer = ''\n    now = time.ticks_ms()\n    account = _peers.find(peer, now)\n",
        tests=(f"{_AUTH_TEST}::test_tenth_wrong_password_locks_the_peer_and_no_other",),
    ),
    Mutant(
        name="right-password-opens-a-lock",
        file=_AUTH,
        old="    if locked_ms:\n",
        new="    if locked_ms and not is_equal(given, secret):\n",
        tests=(_MODEL_TEST,),
    ),
    Mutant(
        name="lock-outs-do-not-grow",
        file=_AUTH,
        old="            self.locks += 1\n",
        new="",
        tests=(f"{_AUTH_TEST}::test_lock_outs_double_to_an_hour",),
    ),
    Mutant(
        name="old-lock-out-comes-back-when-the-ticks-wrap",
        file=_AUTH,
        old="        return self.lock_ms - age_ms if 0 <= age_ms < self.lock_ms else 0\n",
        new="        return self.lock_ms - age_ms if age_ms < self.lock_ms else 0\n",
        tests=(f"{_AUTH_TEST}::test_lock_out_does_not_come_back_when_the_ticks_wrap",),
    ),
    Mutant(
        name="account-is-kept-when-the-ticks-wrap",
        file=_AUTH,
        old="        return not self.waiting and not 0 <= age_ms < self.lock_ms + _FORGET_MS\n",
        new="        return not self.waiting and not age_ms < self.lock_ms + _FORGET_MS\n",
        tests=(f"{_AUTH_TEST}::test_account_is_forgotten_however_long_ago",),
    ),
    Mutant(
        name="flood-of-peers-frees-a-locked-one",
        file=_AUTH,
        old="            if age_ms > most_ms and not account.is_needed(now):\n",
        new="            if age_ms > most_ms:\n",
        tests=(f"{_AUTH_TEST}::test_flood_of_peers_takes_the_place_of_no_locked_one",),
    ),
    Mutant(
        name="leaving-shortens-the-wait",
        file=_AUTH,
        old="    is_crowded = account is not None and account.waiting >= _MAX_WAITING\n",
        new="    is_crowded = False\n",
        tests=(f"{_AUTH_TEST}::test_fourth_session_beside_three_that_wait_is_not_judged",),
    ),
    Mutant(
        name="right-password-settles-nothing",
        file=_AUTH,
        old="        _peers.settle(peer)\n",
        new="",
        tests=(_MODEL_TEST,),
    ),
    Mutant(
        name="password-is-equal-if-it-begins-so",
        file=_AUTH,
        old="    difference = len(given) ^ len(secret)\n",
        new="    difference = 0\n",
        tests=(f"{_AUTH_TEST}::test_only_the_very_password_is_equal",),
    ),
    Mutant(
        name="bytes-that-are-no-text-are-no-attempt",
        file=_SERVER,
        old="            if self.needs_password():\n                return",
        new="            if False:\n                return",
        tests=(f"{_AUTH_TEST}::test_whatever_is_typed_is_a_password",),
    ),
    Mutant(
        name="password-prompt-is-open-for-ever",
        file=_SERVER,
        old="        return min(self.server.idle_s, _LOGIN_S) if self.needs_password() else self.server.idle_s\n",
        new="        return self.server.idle_s\n",
        tests=(f"{_AUTH_TEST}::test_open_password_prompt_is_given_up_after_30_s",),
    ),
    Mutant(
        name="one-peer-takes-all-sessions",
        file="micrOS/source/session_end.py",
        old="    if held >= max(1, limit // 2):\n",
        new="    if False:\n",
        tests=(f"{_AUTH_TEST}::test_peer_without_password_cannot_take_all_sessions",),
    ),
    Mutant(
        name="unread-input-resets-the-answer",
        file=_SERVER,
        old="                if not self._reader.s.read(_READ_SIZE):\n",
        new="                if True:\n",
        tests=(f"{_AUTH_TEST}::test_client_that_sends_on_still_reads_the_answer",),
    ),
    Mutant(
        name="vanished-client-of-a-call-keeps-its-session",
        file="micrOS/source/session_end.py",
        old="    sessions[max(silent)[1]].end('silent')\n    return True\n",
        new="    return False\n",
        tests=(f"{_SERVER_TEST}::test_client_that_vanished_during_a_call_makes_room_for_another",),
    ),
    Mutant(
        name="dump-of-who-has-logged-in-shows-secrets",
        file="micrOS/source/ConfigHandler.py",
        old="    return MASK if key in ('stapwd', 'appwd') and (is_certain or cfgget('maskpwd')) else value\n",
        new="    return MASK if key in ('stapwd', 'appwd') and cfgget('maskpwd') else value\n",
        tests=(f"{_SECRETS_TEST}::test_logged_in_client_reads_a_single_secret_but_no_dump",),
    ),
    Mutant(
        name="webrepl-tells-the-password-after-login",
        file="micrOS/source/to_recovery.py",
        old="ConfigHandler.masked('appwd', appwd, session.is_logged_in)",
        new="(appwd if session.is_logged_in else ConfigHandler.masked('appwd', appwd))",
        tests=(f"{_SECRETS_TEST}::test_passwords_of_a_busy_node_are_nowhere",),
    ),
    Mutant(
        name="lock-out-logs-what-was-typed",
        file=_AUTH,
        old="                   % (MAX_WRONG, peer, account.lock_ms // 1000), 'WARN')\n",
        new="                   % (MAX_WRONG, peer + given, account.lock_ms // 1000), 'WARN')\n",
        tests=(f"{_AUTH_TEST}::test_lock_out_is_logged_once_without_what_was_typed",),
    ),
    Mutant(
        name="factory-password-is-no-alarm",
        file="micrOS/source/modules/LM_system.py",
        old="    if ConfigHandler.cfgget('appwd') == cold.load('config_schema').defaults()['appwd']:\n",
        new="    if False:\n",
        tests=("tests/unit/micrOS/test_LM_system.py::test_factory_password_is_an_alarm_as_long_as_it_is_there",),
    ),
    Mutant(
        name="warnings-are-counted-as-errors",
        file="micrOS/source/error_log.py",
        old="                count += text.split(' ', 3)[2:3] not in (['[WARN]'], ['[INFO]'])\n",
        new="                count += True\n",
        tests=("tests/unit/micrOS/test_LM_system.py::test_alarms_count_errors_and_show_everything",),
    ),
    Mutant(
        name="held-back-lines-are-lost",
        file=_DEBUG,
        old="    State.others += State.recent.pop(text)[2]\n",
        new="    State.recent.pop(text)\n",
        tests=(f"{_DEBUG_TEST}::test_held_back_lines_are_told_whatever_comes_next",),
    ),
    Mutant(
        name="log-is-written-for-every-text",
        file=_DEBUG,
        old="    if not State.tokens:\n",
        new="    if False:\n",
        tests=(f"{_DEBUG_TEST}::test_many_different_texts_do_not_flood",),
    ),
    Mutant(
        name="log-that-keeps-coming-is-written-every-minute",
        file=_DEBUG,
        old="min(2 * entry[1], _MAX_REPEAT_MS)",
        new="_REPEAT_MS",
        tests=(f"{_DEBUG_TEST}::test_text_that_keeps_coming_is_written_less_and_less_often",),
    ),
    Mutant(
        name="damaged-log-is-not-readable",
        file="micrOS/source/error_log.py",
        old="    except UnicodeError:\n",
        new="    except KeyError:\n",
        tests=(f"{_DEBUG_TEST}::test_damaged_log_is_shown_and_gives_way",),
    ),
    Mutant(
        name="log-grows-when-it-cannot-be-renamed",
        file=_DEBUG,
        old="            os.remove(_LOG)       # there is no going round it, so the log stays short\n",
        new="            pass\n",
        tests=(f"{_DEBUG_TEST}::test_folder_in_the_way_raises_nothing",),
    ),
    Mutant(
        name="logging-raises",
        file=_DEBUG,
        old="    except Exception:  # noqa: BLE001 - border: whatever happens here, the caller has worse to do\n",
        new="    except OSError:\n",
        tests=(f"{_DEBUG_TEST}::test_anything_may_be_logged",),
    ),
)
