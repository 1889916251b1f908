"""Names, time and web pages; the internet behind the router."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_RESOLVE = "simulator/micropython/_netresolve.py"
_RESOLVE_TEST = "tests/unit/simulator/micropython/test_netresolve.py"
_HTTP = "simulator/lan/services/http.py"
_HTTP_TEST = "tests/unit/simulator/lan/test_services_http.py"
_INTERNET_TEST = "tests/unit/simulator/lan/test_internet.py"
_FAULTS_TEST = "tests/unit/simulator/lan/test_services_faults.py"

MUTANTS = (
    Mutant(
        name="dns-answer-with-any-number-is-believed",
        file=_RESOLVE,
        old="            same = (reply.ident, reply.name, reply.kind) == (wanted.ident, wanted.name, wanted.kind)\n",
        new="            same = (reply.name, reply.kind) == (wanted.name, wanted.kind)\n",
        tests=(f"{_RESOLVE_TEST}::test_answer_with_a_wrong_number_is_passed_over",),
    ),
    Mutant(
        name="dns-answer-from-anybody-is-believed",
        file=_RESOLVE,
        old="            if same and sender[0] == server:\n",
        new="            if same:\n",
        tests=(f"{_RESOLVE_TEST}::test_answer_from_another_address_is_passed_over",),
    ),
    Mutant(
        name="dns-question-is-not-repeated",
        file=_RESOLVE,
        old="_TICKS = (1, 1, 2, 3)\n",
        new="_TICKS = (7,)\n",
        tests=(f"{_RESOLVE_TEST}::test_silent_server_is_asked_at_0_1_2_and_4_s_with_one_number",),
    ),
    Mutant(
        name="dns-address-is-remembered-for-ever",
        file=_RESOLVE,
        old="    if known is not None and machine.kernel.now < known[1]:\n",
        new="    if known is not None:\n",
        tests=(f"{_RESOLVE_TEST}::test_address_is_remembered_for_its_time_to_live",),
    ),
    Mutant(
        name="home-dns-believes-anybody",
        file="simulator/lan/services/dns.py",
        old=' "big"), None) if sender == self._upstream else None\n',
        new=' "big"), None)\n',
        tests=("tests/unit/simulator/lan/test_services_dns.py::test_forged_answer_to_the_router_is_passed_over",),
    ),
    Mutant(
        name="nat-mixes-hosts-with-the-same-port",
        file="simulator/lan/router.py",
        old="        port = self._ports.pop(key, None)\n",
        new="        port = next((p for k, p in self._ports.items() if k[2] == key[2]), None)\n",
        tests=(f"{_INTERNET_TEST}::test_hosts_of_a_home_share_the_routers_address",),
    ),
    Mutant(
        name="line-is-mended-by-the-first-who-does",
        file="simulator/lan/internet.py",
        old="        self._cuts -= 1\n",
        new="        self._cuts = 0\n",
        tests=(f"{_INTERNET_TEST}::test_line_is_mended_when_every_cut_is",),
    ),
    Mutant(
        name="ntp-time-stamp-has-no-fraction",
        file="simulator/lan/services/ntp.py",
        old="(us << 32) // 1_000_000 &",
        new="(us // 1_000_000 << 32) &",
        tests=("tests/unit/simulator/lan/test_services_ntp.py::test_time_stamp_counts_from_1900_in_eras",),
    ),
    Mutant(
        name="http-answers-before-the-body-is-there",
        file=_HTTP,
        old="            if self._request is not None and len(self._connection.received) >= self._needed:\n",
        new="            if self._request is not None:\n",
        tests=(f"{_HTTP_TEST}::test_request_in_many_pieces_is_one",),
    ),
    Mutant(
        name="http-waits-for-ever",
        file=_HTTP,
        old="        self._limit = kernel.after(_PATIENCE_US, self._give_up)\n",
        new="        self._limit = kernel.after(10 * _PATIENCE_US, self._give_up)\n",
        tests=(f"{_HTTP_TEST}::test_client_that_says_nothing_is_cut_off",),
    ),
    Mutant(
        name="captive-page-stays-after-its-fault",
        file="simulator/lan/services/faults.py",
        old="            page.close()\n",
        new="            pass\n",
        tests=(f"{_FAULTS_TEST}::test_captive_network_shows_its_login_page",),
    ),
    Mutant(
        name="service-fault-does-not-count",
        file="simulator/lan/services/faults.py",
        old='        """Nothing."""\n        self.strike()\n        return b""\n',
        new='        """Nothing."""\n        return b""\n',
        tests=(f"{_FAULTS_TEST}::test_silent_name_server_costs_7_s_and_is_asked_4_times",),
    ),
    Mutant(
        name="cut-line-counts-one-direction-only",
        file="simulator/lan/internet.py",
        old="            self.on_stranded()\n",
        new="            pass\n",
        tests=(f"{_FAULTS_TEST}::test_cut_line_counts_what_only_comes_in",),
    ),
    Mutant(
        name="late-name-server-escapes-its-fault",
        file="simulator/lan/internet.py",
        old="        for action in list(self.on_connect):\n            action(router)\n",
        new="",
        tests=(f"{_FAULTS_TEST}::test_captive_network_names_its_own_router",),
    ),
    Mutant(
        name="captive-network-names-the-home-router",
        file="simulator/lan/services/faults.py",
        old='self.params["address"] or router.inside.ip)\n',
        new='self.params["address"] or self.lan.internet.routers[0].inside.ip)\n',
        tests=(f"{_FAULTS_TEST}::test_captive_network_names_its_own_router",),
    ),
    Mutant(
        name="clock-takes-a-text",
        file="simulator/micropython/time.py",
        old="if secs is None else _small_int(secs))",
        new="if secs is None else int(secs))",
        tests=("tests/unit/simulator/micropython/test_time.py::test_call_with_something_else_raises_typeerror",),
    ),
)
