"""What makes a node act by itself: timer, inputs, background jobs, commands to other nodes."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_HANDLER = "micrOS/source/InterruptHandler.py"
_JOB = "micrOS/source/BgJob.py"
_CONNECT = "micrOS/source/InterConnect.py"
_CORE = "micrOS/source/InterpreterCore.py"
_PIPES = "micrOS/source/pipes.py"
_LOCKS = "micrOS/source/locks.py"
_WORKERS = "micrOS/source/workers.py"
_TEST = "tests/unit/micrOS/test_InterruptHandler.py"
_PIPES_TEST = "tests/unit/micrOS/test_pipes.py"
_JOBS = "tests/unit/micrOS/test_BgJob.py"
_PEERS = "tests/unit/micrOS/test_InterConnect.py"
_WRAP = "tests/unit/micrOS/test_ticks_wrap.py::test_events_jobs_and_commands_cross_the_wrap"
_BOUNCE = f"{_TEST}::test_press_and_release_that_bounce_count_once"

MUTANTS = (
    Mutant(
        name="input-loses-the-edge-that-came-while-it-was-deaf",
        file=_HANDLER,
        old="            if rest != level:\n                level = rest\n                self._note(level)\n",
        new="            level = rest\n",
        tests=(_BOUNCE,),
    ),
    Mutant(
        name="input-forgets-that-an-event-came-during-its-commands",
        file=_HANDLER,
        old="                await self._action(*self._args)\n",
        new="                await self._action(*self._args)\n                seen = self.count\n",
        tests=(f"{_TEST}::test_events_during_the_commands_run_them_once_more_and_are_counted",),
    ),
    Mutant(
        name="inputs-share-their-deaf-time",
        file=_HANDLER,
        old="    async def _settle(self):\n",
        new="    _edge_of_all = [-10000]\n\n    def _note(self, level):\n"
        "        if time.ticks_diff(time.ticks_ms(), self._edge_of_all[0]) > self._deaf_ms and level in self._wanted:\n"
        "            self._edge_of_all[0] = time.ticks_ms()\n            self._source.fire()\n\n"
        "    async def _settle(self):\n",
        tests=(f"{_TEST}::test_inputs_do_not_make_each_other_deaf",),
    ),
    Mutant(
        name="input-settles-without-looking-for-bounces",
        file=_HANDLER,
        old="            left_ms = min(quiet_ms - time.ticks_diff(now, self._edge), time.ticks_diff(until, now))\n",
        new="            left_ms = 0\n",
        tests=(_BOUNCE,),
    ),
    Mutant(
        name="input-is-deaf-for-a-fixed-time",
        file=_HANDLER,
        old="        self._deaf_ms = ConfigHandler.cfgget('irq_prell_ms')\n",
        new="        self._deaf_ms = 200\n",
        tests=(f"{_TEST}::test_deaf_time_is_configurable",),
    ),
    Mutant(
        name="input-compares-ticks-as-numbers",
        file=_HANDLER,
        old="time.ticks_diff(until, now))\n",
        new="until - now)\n",
        tests=(_WRAP, f"{_TEST}::test_every_press_counts_once_however_it_bounces"),
    ),
    Mutant(
        name="input-has-always-a-pull-down",
        file="micrOS/source/hal_rare.py",
        old="machine.Pin.IN, pulls[pull])",
        new="machine.Pin.IN, machine.Pin.PULL_DOWN)",
        tests=(f"{_TEST}::test_button_to_ground_works_with_a_pull_up",),
    ),
    Mutant(
        name="input-does-not-book-its-pin",
        file=_HANDLER,
        old="LogicalPins.bind(key, key)",
        new="LogicalPins.physical_pin(key)",
        tests=(f"{_TEST}::test_pin_of_an_input_is_booked",),
    ),
    Mutant(
        name="merged-events-are-not-counted",
        file=_HANDLER,
        old="                self.merged += more\n",
        new="",
        tests=(f"{_TEST}::test_events_during_the_commands_run_them_once_more_and_are_counted",),
    ),
    Mutant(
        name="memory-guard-forgets-irq4",
        file="micrOS/source/ConfigHandler.py",
        old="'irq3', 'irq4')",
        new="'irq3', 'irq14')",
        tests=(f"{_TEST}::test_feature_is_refused_without_the_memory_for_it",),
    ),
    Mutant(
        name="callback-does-not-say-which-command-failed",
        file=_PIPES,
        old="failure = call.failure and task + ': ' + call.failure",
        new="failure = call.failure",
        tests=(f"{_TEST}::test_failure_is_told_with_its_command_and_seldom",),
    ),
    Mutant(
        name="callback-knows-no-background-jobs",
        file=_PIPES,
        old="if '&' in task and literals.is_background(task):",
        new="if False:",
        tests=(f"{_TEST}::test_command_may_be_a_background_job",),
    ),
    Mutant(
        name="callback-waits-for-ever",
        file=_PIPES,
        old="            while not call.is_done and not call.is_overdue:\n",
        new="            while not call.is_done:\n",
        tests=(f"{_TEST}::test_task_that_talks_for_ever_does_not_hold_up_the_list",),
    ),
    Mutant(
        name="newcomer-passes-who-waits-for-a-lock",
        file=_LOCKS,
        old="        if names and self._waiting or self._held and self.holder(names, owner) is not None:\n",
        new="        if self._held and self.holder(names, owner) is not None:\n",
        tests=("tests/unit/micrOS/test_locks.py::test_names_go_to_who_came_first",),
    ),
    Mutant(
        name="who-gives-up-holds-up-those-behind",
        file=_LOCKS,
        old="                self._serve()       # who came later may be next\n",
        new="",
        tests=("tests/unit/micrOS/test_locks.py::test_who_gives_up_lets_those_behind_pass",),
    ),
    Mutant(
        name="lock-is-dropped",
        file=_LOCKS,
        old="            self._held.setdefault(name, [owner, 0])[1] += 1\n",
        new="            pass\n",
        tests=("tests/unit/micrOS/test_locks.py::test_patient_users_all_get_their_turn_and_no_name_has_two",),
    ),
    Mutant(
        name="job-count-is-unbounded",
        file=_JOB,
        old="    if same or len(busy) >= _MAX_JOBS:\n",
        new="    if same:\n",
        tests=(f"{_JOBS}::test_number_of_jobs_is_bounded",),
    ),
    Mutant(
        name="job-loop-has-no-pause",
        file=_JOB,
        old="            pause_ms = pause_ms or _MIN_PAUSE_MS\n",
        new="",
        tests=(f"{_JOBS}::test_loop_without_pause_leaves_the_node_to_others",),
    ),
    Mutant(
        name="job-that-runs-is-started-twice",
        file=_JOB,
        old="    if same or len(busy)",
        new="    if len(busy)",
        tests=(f"{_JOBS}::test_job_of_a_function_that_has_one_hears_that_it_is_busy",),
    ),
    Mutant(
        name="job-id-is-given-twice",
        file=_JOB,
        old="if not [job for job in _jobs if job.number == _last_id]:",
        new="if True:",
        tests=(f"{_JOBS}::test_id_of_a_job_that_lasts_is_given_to_no_other",),
    ),
    Mutant(
        name="job-pause-is-not-interrupted-by-stop",
        file=_JOB,
        old="        await asyncio.wait_for_ms(job.stop.wait(), pause_ms)\n    except",
        new="        await asyncio.sleep_ms(pause_ms)\n        return job.stop.is_set()\n    except",
        tests=(f"{_JOBS}::test_tag_addresses_one_job",),
    ),
    Mutant(
        name="job-pause-is-longer-than-ticks-can-tell",
        file=_JOB,
        old="const(86400 * 6)",
        new="const(86400 * 7)",
        tests=(f"{_JOBS}::test_longest_pause_is_one_that_ticks_can_tell",),
    ),
    Mutant(
        name="jobs-take-all-workers",
        file=_CORE,
        old="return workers.BACKGROUND if self._is_background else workers.ORDINARY",
        new="return workers.ORDINARY",
        tests=(f"{_JOBS}::test_jobs_that_block_leave_a_worker_to_the_shell",),
    ),
    Mutant(
        name="jobs-that-never-end-restart-the-node",
        file=_CORE,
        old="None if self._is_background else '')",
        new="'')",
        tests=(f"{_JOBS}::test_jobs_that_never_end_are_no_reason_for_a_restart",),
    ),
    Mutant(
        name="intercon-sends-a-command-twice",
        file=_CONNECT,
        old="        except _NotOpen as e:\n",
        new="        except (_NotOpen, OSError) as e:\n",
        tests=(f"{_PEERS}::test_command_is_sent_once_even_if_no_answer_comes",),
    ),
    Mutant(
        name="intercon-tells-anybody-our-password",
        file=_CONNECT,
        old=" or peer not in [p.strip() for p in cfgget('peers').split(';')]",
        new="",
        tests=(f"{_PEERS}::test_peer_that_is_not_listed_by_both_name_and_id_gets_no_password",),
    ),
    Mutant(
        name="intercon-knows-peers-by-name-alone",
        file=_CONNECT,
        old="peer not in [p.strip() for p in",
        new="peer.split(':')[0] not in [p.strip().split(':')[0] for p in",
        tests=(f"{_PEERS}::test_peer_that_is_not_listed_by_both_name_and_id_gets_no_password",),
    ),
    Mutant(
        name="intercon-locks-itself-out",
        file=_CONNECT,
        old="    if len(_denied) < _MAX_NAMES:\n",
        new="    if False:\n",
        tests=(f"{_PEERS}::test_password_that_was_refused_is_not_sent_again_soon",),
    ),
    Mutant(
        name="intercon-trusts-a-stale-address",
        file=_CONNECT,
        old="                address = _resolve(name)    # it may have another one now\n",
        new="                pass\n",
        tests=(f"{_PEERS}::test_new_address_of_a_name_is_found",),
    ),
    Mutant(
        name="intercon-has-no-limit-in-all",
        file=_CONNECT,
        old="    left_ms = min(most_ms, time.ticks_diff(until, time.ticks_ms()))\n",
        new="    left_ms = most_ms\n",
        tests=(f"{_PEERS}::test_peer_that_trickles_is_given_up",),
    ),
    Mutant(
        name="intercon-calls-itself-over-the-network",
        file="micrOS/source/modules/LM_intercon.py",
        old="    if InterConnect.is_self(host):\n",
        new="    if False:\n",
        tests=(f"{_PEERS}::test_command_to_oneself_runs_here",),
    ),
    Mutant(
        name="wake-up-of-a-running-thread-comes-again",
        file="simulator/micropython/_cpu.py",
        old="            while kernel.now < now:\n                kernel.hub.switch()\n            event[2] = None\n",
        new="",
        tests=("tests/unit/simulator/micropython/test_runtime.py::test_early_wake_up_takes_no_computing_back",),
    ),
    Mutant(
        name="asyncio-sleeps-longer-than-ticks-can-tell",
        file="simulator/micropython/_aio_core.py",
        old="    if t >= _HALF_PERIOD_MS:\n",
        new="    if False:\n",
        tests=("tests/unit/simulator/micropython/test_asyncio.py::test_sleep_is_no_longer_than_ticks_can_tell",),
    ),
    Mutant(
        name="prepared-call-shares-its-lists",
        file=_PIPES,
        old="    if '[' not in task and '{' not in task:\n",
        new="    if True:\n",
        tests=(f"{_PIPES_TEST}::test_list_in_a_command_is_a_new_one_each_time",),
    ),
    Mutant(
        name="prepared-call-outlives-its-module",
        file=_PIPES,
        old="not self.is_done or state.loaded.get(module) is not self._module",
        new="not self.is_done",
        tests=(f"{_PIPES_TEST}::test_module_that_was_unloaded_is_loaded_anew",),
    ),
    Mutant(
        name="prepared-call-outlives-its-function",
        file=_PIPES,
        old="                or getattr(self._module, name, None) is not self._job.call[1][0]\n",
        new="",
        tests=(f"{_PIPES_TEST}::test_function_that_its_module_replaced_is_the_new_one",),
    ),
    Mutant(
        name="prepared-call-takes-no-lock",
        file=_PIPES,
        old="                or not state.locks.take_now(self._names, self)):\n",
        new="                or state.locks._hold(self._names, self)):\n",
        tests=(f"{_PIPES_TEST}::test_call_waits_for_its_module_each_time",),
    ),
    Mutant(
        name="prepared-call-that-is-overdue-is-never-over",
        file=_PIPES,
        old="        elif self.is_overdue:\n            asyncio.create_task(self._stay())\n",
        new="",
        tests=(f"{_PIPES_TEST}::test_overdue_command_runs_on_while_the_list_goes_on_each_time",),
    ),
    Mutant(
        name="commands-are-prepared-never",
        file=_PIPES,
        old="        _plans[task] = _Prepared(plan)\n",
        new="        pass\n",
        tests=(f"{_PIPES_TEST}::test_command_that_came_before_is_not_read_again_and_runs_at_the_same_time_each_time",),
    ),
    Mutant(
        name="threads-never-end",
        file=_WORKERS,
        old="            worker[1].release()\n\n    def _running",
        new="            pass\n\n    def _running",
        tests=(f"{_PIPES_TEST}::test_spare_threads_end_soon_and_one_stays",),
    ),
    Mutant(
        name="garbage-is-collected-at-each-few-events",
        file="micrOS/source/stages.py",
        old="    gc.threshold(hal.free_memory() // 2)",
        new="    hal.free_memory()",
        tests=("tests/unit/micrOS/test_boot_stages.py::test_garbage_is_collected_seldom_once_the_node_is_up",),
    ),
)
