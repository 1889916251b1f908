"""Faults of the LAN, leases."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_LAN = "tests/unit/simulator/lan"
_PACKETS = "simulator/lan/fault_packets.py"
_PACKET_TEST = f"{_LAN}/test_fault_packets.py"
_DHCP = "simulator/lan/dhcp.py"
_DHCP_TEST = f"{_LAN}/test_dhcp.py"

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
)
