"""What the system tells of processes."""

from __future__ import annotations

import os
import sys

import pytest

from bench.machines import cpu_s, family, pss_bytes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's /proc")


def test_family_holds_the_process_itself() -> None:
    assert os.getpid() in family(os.getpid())


def test_family_of_the_parent_holds_its_child() -> None:
    assert {os.getppid(), os.getpid()} <= family(os.getppid())


def test_family_of_a_child_leaves_its_parent_out() -> None:
    assert os.getppid() not in family(os.getpid())


def test_cpu_time_is_that_of_the_process() -> None:
    own_s = cpu_s({os.getpid()})
    times = os.times()
    assert own_s == pytest.approx(times.user + times.system, abs=0.2)


def test_cpu_time_of_one_that_is_gone_counts_nothing() -> None:
    assert cpu_s({2**22 + 1}) == 0


def test_memory_is_counted_in_bytes() -> None:
    assert 5e6 < pss_bytes({os.getpid()}) < 5e9
