"""Joining, losing and finding the WiFi: `Network`, `wifi_join`, `static_ip`, `sparse_log` of the firmware."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_JOIN = "micrOS/source/wifi_join.py"
_TEST = "tests/unit/micrOS/test_Network_keeper.py"

MUTANTS = (
    Mutant(
        name="port-that-refuses-is-asked-without-pause",
        file="micrOS/source/net_keeper.py",
        old="        self._plan(state.now(), self._pause_s)   # first: what follows may raise\n",
        new="",
        tests=(
            "tests/unit/micrOS/test_Network_keeper.py::"
            "test_port_that_refuses_to_call_is_asked_less_and_less_often",
        ),
    ),
    Mutant(
        name="keeper-never-searches",
        file="micrOS/source/net_keeper.py",
        old="        if now >= self._next_search and not self._has_guests(now):\n",
        new="        if False:\n",
        tests=(f"{_TEST}::test_boot_without_access_point_finds_it_later",),
    ),
    Mutant(
        name="search-throws-guests-out",
        file="micrOS/source/net_keeper.py",
        old="        return now - self._guests < _GUEST_S\n",
        new="        return False\n",
        tests=(f"{_TEST}::test_guest_on_the_fallback_is_not_thrown_out",),
    ),
    Mutant(
        name="devip-stored-at-every-change",
        file="micrOS/source/net_keeper.py",
        old="            self._next_save = now + _SAVE_S\n",
        new="            self._next_save = now\n",
        tests=(f"{_TEST}::test_week_of_another_address_at_each_return_wears_no_flash",),
    ),
    Mutant(
        name="access-point-with-any-appwd",
        file="micrOS/source/net_setup.py",
        old="        if not _MIN_PASSWORD <= len(password) <= _MAX_PASSWORD or len(",
        new="        if False and len(",
        tests=(f"{_TEST}::test_invalid_appwd_opens_nothing_and_the_node_goes_on_looking",),
    ),
    Mutant(
        name="static-address-kept-over-an-outage",
        file="micrOS/source/net_keeper.py",
        old="        if state.is_static:        # ",
        new="        if False:  # ",
        tests=(f"{_TEST}::test_other_subnet_after_the_outage_is_taken",),
    ),
    Mutant(
        name="static-address-never-doubted",
        file="micrOS/source/net_keeper.py",
        old="        if self._misses >= _MISSES:\n",
        new="        if False:\n",
        tests=(f"{_TEST}::test_static_address_is_given_up_where_the_network_has_silently_become_another",),
    ),
    Mutant(
        name="wanted-address-taken-from-its-owner",
        file="micrOS/source/static_ip.py",
        old="    if await answers(wanted):\n",
        new="    if False:\n",
        tests=(f"{_TEST}::test_wish_of_a_used_address_is_refused_at_boot",),
    ),
    Mutant(
        name="scan-blocks-the-loop",
        file=_JOIN,
        old="await asyncio.wait_for_ms(workers.run(_scan, self._station), _SCAN_LIMIT_MS)",
        new="_scan(self._station)",
        tests=(f"{_TEST}::test_sessions_go_on_while_the_node_looks_around",),
    ),
    Mutant(
        name="wrong-password-waited-out",
        file=_JOIN,
        old="(is_fresh and status not in (_IDLE, _CONNECTING, _GOT_IP))",
        new="False",
        tests=(f"{_TEST}::test_wrong_password_is_named_and_the_next_network_joined",),
    ),
    Mutant(
        name="hidden-networks-never-called",
        file=_JOIN,
        old="(self._is_thorough or b'' in seen) and ",
        new="False and ",
        tests=(f"{_TEST}::test_hidden_network_is_joined",),
    ),
    Mutant(
        name="first-network-called-instead-of-the-last-joined",
        file=_JOIN,
        old="    networks = [network for network in networks if network[0] == ssid] + networks\n",
        new="",
        tests=(f"{_TEST}::test_network_that_was_joined_last_is_called_between_searches",),
    ),
    Mutant(
        name="log-of-outages-without-limit",
        file="micrOS/source/sparse_log.py",
        old="    is_written = used < _LINES\n",
        new="    is_written = True\n",
        tests=(f"{_TEST}::test_week_of_a_flapping_access_point_wears_no_flash",),
    ),
    Mutant(
        name="clock-drops-parts-of-seconds",
        file="micrOS/source/Network.py",
        old="time.ticks_add(self._ticks, passed_s * 1000)",
        new="time.ticks_ms()",
        tests=("tests/unit/micrOS/test_sparse_log.py::test_clock_loses_no_part_of_a_second",),
    ),
)
