"""Faults of the LAN, leases; what the simulator says and leaves."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_LAN = "tests/unit/simulator/lan"
_PACKETS = "simulator/lan/fault_packets.py"
_PACKET_TEST = f"{_LAN}/test_fault_packets.py"
_DHCP = "simulator/lan/dhcp.py"
_DHCP_TEST = f"{_LAN}/test_dhcp.py"
_RADIO_TEST = f"{_LAN}/test_fault_radio.py"
_INTERNET = "simulator/lan/internet.py"
_TOOL = "tests/unit/toolkit"

MUTANTS = (
    Mutant(
        name="fault-that-never-fired-passes",
        file="simulator/lan/faults.py",
        old="        if idle and exc is None:\n",
        new="        if idle and exc is not None:\n",
        tests=(f"{_LAN}/test_faults.py::test_with_block_whose_fault_never_fired_raises",),
    ),
    Mutant(
        name="ended-faults-are-not-checked",
        file="simulator/lan/faults.py",
        old="for fault in self._all if fault.idle]",
        new="for fault in self.active if fault.idle]",
        tests=(f"{_LAN}/test_faults.py::test_check_names_each_fault_that_never_fired_once",),
    ),
    Mutant(
        name="jitter-reorders",
        file=_PACKETS,
        old='        if not self.params["reorder"]:\n',
        new="        if False:\n",
        tests=(f"{_PACKET_TEST}::test_latency_delays_and_keeps_the_order",),
    ),
    Mutant(
        name="loss-of-one-host-hits-all",
        file="simulator/lan/faults.py",
        old="        return self.goes(host, peer) or self.goes(peer, host)\n",
        new="        return True\n",
        tests=(f"{_PACKET_TEST}::test_loss_of_a_host_spares_the_others",),
    ),
    Mutant(
        name="broadcast-escapes-faults",
        file="simulator/lan/network.py",
        old="        if ip not in self.members and self._is_broadcast(packet):\n",
        new="        if False:\n",
        tests=(f"{_PACKET_TEST}::test_loss_of_a_broadcast_is_drawn_for_each_receiver",),
    ),
    Mutant(
        name="lease-is-never-renewed",
        file=_DHCP,
        old="        self._wait(max(0, self._ends_us - half_us - self._kernel.now), self._renew)\n",
        new="",
        tests=(f"{_DHCP_TEST}::test_lease_is_renewed_at_half_time",),
    ),
    Mutant(
        name="run-out-lease-stays-in-use",
        file=_DHCP,
        old="        if now_us >= self._ends_us:\n            self._lost()\n            return\n",
        new="        if now_us >= self._ends_us:\n            return\n",
        tests=(f"{_DHCP_TEST}::test_silent_server_costs_the_address_when_the_lease_runs_out",),
    ),
    Mutant(
        name="lost-address-keeps-its-connections",
        file="simulator/lan/network.py",
        old="            self.stack.lose_address(self.ip)\n",
        new="            pass\n",
        tests=(f"{_DHCP_TEST}::test_renumbering_resets_connections_of_the_old_address",),
    ),
    Mutant(
        name="bridge-ignores-faults",
        file="simulator/lan/bridge.py",
        old="        return not faults.cut(*ends, count=count)\n",
        new="        return True\n",
        tests=("tests/system/test_bridge.py::test_new_client_of_a_vanished_node_is_held_then_closed",),
    ),
    Mutant(
        name="late-access-point-is-heard",
        file="simulator/lan/lan.py",
        old="        self.faults.points_changed()\n",
        new="",
        tests=(f"{_RADIO_TEST}::test_access_point_that_comes_while_all_are_off_is_silent_until_the_end",),
    ),
    Mutant(
        name="silence-ends-when-a-node-offers-its-network-anew",
        file="simulator/lan/wifi.py",
        old="        self._switch(value, self._is_silenced)\n",
        new="        self._switch(value, not value)\n",
        tests=(f"{_RADIO_TEST}::test_access_point_switched_on_while_it_is_silenced_is_heard_after_the_end",),
    ),
    Mutant(
        name="client-stays-away-from-its-access-point",
        file="simulator/lan/client.py",
        old="            access_point.on_return.append(lambda: self._come_back(access_point))\n",
        new="            pass\n",
        tests=(f"{_RADIO_TEST}::test_client_of_an_access_point_is_cut_off_each_time_it_falls_silent",),
    ),
    Mutant(
        name="half-open-counts-time-wait",
        file=_PACKETS,
        old='                if connection.state != "time_wait":  #',
        new="                if True:  #",
        tests=(f"{_PACKET_TEST}::test_half_open_does_not_count_connections_in_time_wait",),
    ),
    Mutant(
        name="half-open-is-blind-behind-routers",
        file=_PACKETS,
        old="or (inside is not None and inside[0] in ips)",
        new="or (inside is not None and inside[0] in ())",
        tests=(f"{_PACKET_TEST}::test_half_open_internet_host_forgets_a_peer_behind_its_router",),
    ),
    Mutant(
        name="all-routers-are-called-router",
        file="simulator/lan/network.py",
        old="        return (self.uplink.name,) if name is None else (name, self.uplink.name)\n",
        new='        return ("router",) if name is None else (name, "router")\n',
        tests=(f"{_PACKET_TEST}::test_router_of_a_guest_network_has_a_name_of_its_own",),
    ),
    Mutant(
        name="packet-of-a-home-meets-faults-twice",
        file=_INTERNET,
        old="        return not any(router.passes_on(packet) for router in self.routers)\n",
        new="        return True\n",
        tests=(f"{_PACKET_TEST}::test_packet_to_the_internet_meets_each_fault_once",),
    ),
    Mutant(
        name="question-of-a-router-escapes-faults",
        file=_INTERNET,
        old="        return not any(router.passes_on(packet) for router in self.routers)\n",
        new="        return False\n",
        tests=(f"{_PACKET_TEST}::test_question_of_a_router_meets_faults_on_its_line",),
    ),
    Mutant(
        name="terminal-obeys-remarks",
        file="toolkit/simulate_console.py",
        old='        self._lines += [visible(part) for part in line.split("\\n")]\n',
        new="        self._lines.append(line)\n",
        tests=(
            f"{_TOOL}/test_simulate_console.py::test_remark_that_quotes_a_node_is_made_visible_too",
            f"{_TOOL}/test_simulate_console.py::test_only_what_can_be_printed_is_shown_as_it_is",
        ),
    ),
    Mutant(
        name="watched-file-is-gone-at-once",
        file="toolkit/simulate_modules.py",
        old="now_s - self._missing.setdefault(file, now_s) >= GONE_S and",
        new="",
        tests=(f"{_TOOL}/test_simulate_modules.py::test_file_that_is_replaced_in_two_steps_is_not_gone",),
    ),
    Mutant(
        name="watched-file-is-gone-again-and-again",
        file="toolkit/simulate_modules.py",
        old=" and file not in self._gone:",
        new=":",
        tests=(f"{_TOOL}/test_simulate_modules.py::test_file_that_is_gone_is_told_once_and_taken_when_it_is_back",),
    ),
    Mutant(
        name="fresh-start-removes-what-is-in-use",
        file="toolkit/simulate_state.py",
        old="            DirLock(folder).release()\n",
        new="            pass\n",
        tests=(f"{_TOOL}/test_simulate_state.py::test_fresh_start_removes_what_killed_ones_have_left",),
    ),
    Mutant(
        name="fresh-start-removes-what-is-not-marked",
        file="toolkit/simulate_state.py",
        old="folder.lstat(), (folder / _FRESH_MARK).lstat()\n",
        new="folder.lstat(), (folder / '%lock').lstat()\n",
        tests=(f"{_TOOL}/test_simulate_state.py::test_fresh_start_leaves_alone_what_is_not_known_to_be_left",),
    ),
    Mutant(
        name="fresh-start-removes-what-another-user-has-left",
        file="toolkit/simulate_state.py",
        old="status.st_uid == mark.st_uid == own\n",
        new="own >= 0\n",
        tests=(f"{_TOOL}/test_simulate_state.py::test_fresh_start_leaves_alone_what_another_user_has_left",),
    ),
)
