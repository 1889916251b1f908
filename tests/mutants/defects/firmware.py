"""The firmware: configuration, parser, framing, sessions, pins."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_STORE = "tests/unit/micrOS/test_config_store_properties.py"
_STORE_TEST = f"{_STORE}::test_store_equals_a_dict_whatever_fails"
_CONFIG_TEST = "tests/unit/micrOS/test_ConfigHandler.py"
_LITERALS_TEST = "tests/unit/micrOS/test_literals.py"
_FRAMING_TEST = "tests/unit/micrOS/test_framing.py"
_SERVER_TEST = "tests/unit/micrOS/test_SocketServer.py"
_SESSIONS_TEST = "tests/unit/micrOS/test_sessions_properties.py::test_each_session_gets_the_replies_to_its_own_commands"
_CORE_TEST = "tests/unit/micrOS/test_InterpreterCore.py"

MUTANTS = (
    Mutant(
        name="json-reply-loses-its-stream",
        file="micrOS/source/InterpreterCore.py",
        old="            self._collected.append(str(text))\n",
        new="            pass\n",
        tests=("tests/unit/micrOS/test_InterpreterCore.py::test_json_reply_of_a_streaming_function_is_one_text",),
    ),
    # --- configuration ---
    Mutant(
        name="config-is-written-in-place",
        file="micrOS/source/hal_files.py",
        old="    temporary = path + _TEMPORARY\n",
        new="    remove_file(path)\n    temporary = path + _TEMPORARY\n",
        tests=(_STORE_TEST,),
    ),
    Mutant(
        name="config-rename-is-dropped",
        file="micrOS/source/hal_files.py",
        old="    try:\n        os.rename(temporary, path)\n",
        new="    try:\n        pass\n",
        tests=(f"{_CONFIG_TEST}::test_first_boot_writes_all_defaults_in_one_line",),
    ),
    Mutant(
        name="config-copy-is-not-used",
        file="micrOS/source/config_store.py",
        old="    if isinstance(copy, dict):\n",
        new="    if False:\n",
        tests=(f"{_CONFIG_TEST}::test_damaged_file_is_set_aside_and_the_copy_used",),
    ),
    Mutant(
        name="config-copy-is-not-used-after-a-power-cut",
        file="micrOS/source/config_store.py",
        old="    if found is None and copy is None:\n",
        new="    if found is None:\n",
        tests=(f"{_STORE}::test_node_that_loses_power_at_any_write_boots_with_the_old_or_the_new_value",),
    ),
    Mutant(
        name="config-takes-any-type",
        file="micrOS/source/config_schema.py",
        old="            good = type(value) is type(default) and _obeys(rule, value)\n",
        new="            good = _obeys(rule, value)\n",
        tests=(f"{_CONFIG_TEST}::test_refused_value_changes_nothing",),
    ),
    Mutant(
        name="config-ignores-the-range",
        file="micrOS/source/config_schema.py",
        old="    return rule[0] <= value <= rule[1]\n",
        new="    return True\n",
        tests=("tests/unit/micrOS/test_config_schema.py::test_wrong_text_is_refused_and_names_what_fits",),
    ),
    Mutant(
        name="config-is-written-without-a-change",
        file="micrOS/source/config_store.py",
        old="        elif value != current or type(value) is not type(current) or key in Store.rejected:\n",
        new="        else:\n",
        tests=(f"{_CONFIG_TEST}::test_same_value_is_saved_without_writing",),
    ),
    Mutant(
        name="config-ram-runs-ahead-of-the-file",
        file="micrOS/source/config_store.py",
        old="    changed = dict(Store.values)\n",
        new="    changed = Store.values\n",
        tests=(f"{_CONFIG_TEST}::test_full_flash_keeps_ram_and_file_alike",),
    ),
    Mutant(
        name="secrets-are-shown",
        file="micrOS/source/ConfigHandler.py",
        old="    return MASK if key in ('stapwd', 'appwd') and (is_certain or cfgget('maskpwd')) else value\n",
        new="    return value\n",
        tests=(f"{_SERVER_TEST}::test_secrets_are_masked_without_login",),
    ),
    Mutant(
        name="config-takes-terminal-escapes",
        file="micrOS/source/config_schema.py",
        old="    if isinstance(value, str) and any(_is_control(c) for c in value):\n",
        new="    if False:\n",
        tests=(f"{_SERVER_TEST}::test_terminal_escapes_are_refused",),
    ),
    Mutant(
        name="client-sets-what-the-system-writes",
        file="micrOS/source/conf_mode.py",
        old="        if key not in ('version', 'hwuid'):\n",
        new="        if True:\n",
        tests=(f"{_SERVER_TEST}::test_what_the_system_writes_cannot_be_set",),
    ),
    Mutant(
        name="half-written-config-stays-on-the-flash",
        file="micrOS/source/config_store.py",
        old="        hal.remove_leftover(_FILE)\n",
        new="",
        tests=(f"{_CONFIG_TEST}::test_boot_removes_what_an_interrupted_write_left",),
    ),
    Mutant(
        name="mask-is-saved-as-password",
        file="micrOS/source/config_store.py",
        old="    if key in schema.SECRETS and value == MASK:\n",
        new="    if False:\n",
        tests=(f"{_SERVER_TEST}::test_secrets_are_masked_without_login",),
    ),
    # --- parser ---
    Mutant(
        name="brackets-nest-without-end",
        file="micrOS/source/literal_reader.py",
        old="            if depth >= MAX_DEPTH:\n",
        new="            if False:\n",
        tests=(f"{_LITERALS_TEST}::test_anything_else_is_refused_with_its_reason",),
    ),
    Mutant(
        name="sign-is-lost",
        file="micrOS/source/literal_reader.py",
        old="        return -number if sign == '-' else number\n",
        new="        return number\n",
        tests=(f"{_LITERALS_TEST}::test_written_arguments_read_back",),
    ),
    Mutant(
        name="semicolon-in-quotes-splits",
        file="micrOS/source/literals.py",
        old="        elif char in '\"\\'':\n            quote = char\n",
        new="",
        tests=(f"{_LITERALS_TEST}::test_tasks_split_at_semicolons_outside_quotes",),
    ),
    # --- framing ---
    Mutant(
        name="half-a-line-is-forgotten",
        file="micrOS/source/framing.py",
        old="        lines = (self._pending + data).split(b'\\n')\n",
        new="        lines = data.split(b'\\n')\n",
        tests=(f"{_FRAMING_TEST}::test_any_split_of_terminated_bytes_gives_the_same_commands",),
    ),
    Mutant(
        name="line-grows-without-end",
        file="micrOS/source/framing.py",
        old="        if len(pending) > MAX_LINE:\n",
        new="        if False:\n",
        tests=(f"{_FRAMING_TEST}::test_line_beyond_4096_bytes_is_refused",),
    ),
    Mutant(
        name="silence-does-not-end-a-command",
        file="micrOS/source/SocketServer.py",
        old="        if data is None:\n            self._take_pending()\n            return True\n",
        new="        if data is None:\n            return True\n",
        tests=(f"{_SERVER_TEST}::test_session_has_the_bytes_of_the_specification",),
    ),
    Mutant(
        name="browser-may-command",
        file="micrOS/source/SocketServer.py",
        old="            if line is None or (self._is_first and framing.is_http(line)):\n",
        new="            if line is None:\n",
        tests=(f"{_SERVER_TEST}::test_abuse_ends_the_session",),
    ),
    # --- sessions ---
    Mutant(
        name="wrong-session-gets-the-reply",
        file="micrOS/source/SocketServer.py",
        old="        self._out.append(text + '\\n')\n",
        new="        self.server._sessions[-1]._out.append(text + '\\n')\n",
        tests=(_SESSIONS_TEST,),
    ),
    Mutant(
        name="modes-are-shared-by-sessions",
        file="micrOS/source/InterpreterShell.py",
        old="        session.is_configuring = True\n",
        new="        type(session).is_configuring = property(lambda s: True, lambda s, v: None)\n",
        tests=(f"{_SERVER_TEST}::test_modes_belong_to_one_session",),
    ),
    Mutant(
        name="sessions-have-no-limit",
        file="micrOS/source/session_end.py",
        old="    if len(sessions) < limit:\n",
        new="    if True:\n",
        tests=(f"{_SERVER_TEST}::test_client_beyond_the_limit_is_told",),
    ),
    Mutant(
        name="session-is-not-given-back",
        file="micrOS/source/SocketServer.py",
        old="            self._sessions.remove(session)\n",
        new="            pass\n",
        tests=(f"{_SERVER_TEST}::test_clients_that_come_and_go_leave_nothing",),
    ),
    Mutant(
        name="silent-session-stays",
        file="micrOS/source/SocketServer.py",
        old="            self.end('silent')\n        elif",
        new="            return\n        elif",
        tests=(f"{_SERVER_TEST}::test_silent_client_is_sent_away",),
    ),
    Mutant(
        name="login-is-not-asked-for",
        file="micrOS/source/session_commands.py",
        old="    if session.needs_password() and line not in _OPEN:\n",
        new="    if False:\n",
        tests=(f"{_SERVER_TEST}::test_wrong_password_ends_the_session",),
    ),
    Mutant(
        name="webrepl-that-fails-ends-the-session",
        file="micrOS/source/to_recovery.py",
        old="    except Exception as e:  # noqa: BLE001 - border: whatever the port raises, the session goes on\n",
        new="    except ValueError as e:\n",
        tests=(f"{_SERVER_TEST}::test_webrepl_that_does_not_start_is_told_and_the_session_goes_on",),
    ),
    # --- calls and pins ---
    Mutant(
        name="pin-is-given-twice",
        file="micrOS/source/pin_maps.py",
        old="    if holder(gpio) not in (None, owner):\n",
        new="    if False:\n",
        tests=("tests/unit/micrOS/test_LogicalPins.py::test_second_owner_of_a_pin_is_refused",),
    ),
    Mutant(
        name="private-functions-are-callable",
        file="micrOS/source/InterpreterCore.py",
        old="    if function not in known:\n",
        new="    if False:\n",
        tests=(f"{_CORE_TEST}::test_failure_is_one_line_and_the_hints",),
    ),
    Mutant(
        name="module-runs-twice-at-once",
        file="micrOS/source/locks.py",
        old="            if other is not owner:\n",
        new="            if False:\n",
        tests=(f"{_CORE_TEST}::test_call_of_a_used_module_waits_its_turn",),
    ),
    Mutant(
        name="base-exceptions-of-a-worker-are-lost",
        file="micrOS/source/workers.py",
        old="        except BaseException as e:",
        new="        except (Exception, SystemExit) as e:",
        tests=(f"{_CORE_TEST}::test_whatever_is_raised_is_the_reply_and_leaves_no_trace",),
    ),
    Mutant(
        name="base-exceptions-of-a-call-end-the-loop",
        file="micrOS/source/InterpreterCore.py",
        old="        except BaseException as e:      # border: whatever a Load Module raises is its reply",
        new="        except (Exception, SystemExit) as e:",
        tests=(f"{_CORE_TEST}::test_whatever_is_raised_is_the_reply_and_leaves_no_trace",),
    ),
    Mutant(
        name="last-worker-is-not-kept",
        file="micrOS/source/workers.py",
        old="        if busy >= job.rank:\n",
        new="        if busy >= 4:\n",
        tests=(f"{_CORE_TEST}::test_more_blocking_calls_than_workers_are_told_busy",),
    ),
    Mutant(
        name="workers-that-never-end-are-waited-for",
        file="micrOS/source/InterpreterCore.py",
        old="            workers.pool.note_ages(limit_s * 1000 * STUCK_FACTOR)\n",
        new="",
        tests=(f"{_CORE_TEST}::test_calls_that_never_end_do_not_keep_the_node_busy_for_ever",),
    ),
    Mutant(
        name="error-without-text-is-not-told",
        file="micrOS/source/error_words.py",
        old="    if not words or not isinstance(error, Exception):",
        new="    if not isinstance(error, Exception):",
        tests=(f"{_CORE_TEST}::test_whatever_is_raised_is_the_reply_and_leaves_no_trace",),
    ),
    Mutant(
        name="client-that-left-keeps-its-session",
        file="micrOS/source/SocketServer.py",
        old="        elif self._state == 'call' and self._has_left(now):\n",
        new="        elif False:\n",
        tests=(f"{_SERVER_TEST}::test_client_that_leaves_during_a_call_gives_its_session_back",),
    ),
    Mutant(
        name="keyboard-interrupt-leaves-a-dead-prompt",
        file="micrOS/source/lifecycle.py",
        old="    if isinstance(error, KeyboardInterrupt):\n        _offer_repl()\n",
        new="    if isinstance(error, KeyboardInterrupt):\n        pass\n",
        tests=(
            "tests/unit/micrOS/test_micrOSloader.py"
            "::test_task_of_a_load_module_that_interrupts_gives_the_repl_for_ten_minutes",
        ),
    ),
)
