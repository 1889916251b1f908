"""esp on a bare board."""

import pytest

from simulator.errors import NodeError
from simulator.micropython import esp


def test_osdebug_takes_level_and_uart(bare):
    bare.run("import esp\nesp.osdebug(None)")
    assert bare.machine.state["esp.log_level"] == esp.LOG_ERROR
    bare.run("esp.osdebug(0)")
    assert bare.machine.state["esp.log_level"] == esp.LOG_VERBOSE
    bare.run("esp.osdebug(0, esp.LOG_INFO)")
    assert bare.machine.state["esp.log_level"] == esp.LOG_INFO


def test_flash_is_4_mb_with_files_at_2(bare):
    assert bare.run("import esp\nprint(esp.flash_size(), esp.flash_user_start())") == "4194304 2097152\n"


@pytest.mark.parametrize(
    "call", ["flash_read(0, 4)", "flash_write(0, b'')", "flash_erase(0)", "gpio_matrix_in(4, 0, 0)"]
)
def test_raw_flash_is_not_modelled(bare, call):
    with pytest.raises(NodeError, match=f"NotImplementedError: esp.{call.partition('(')[0]}"):
        bare.run(f"import esp\nesp.{call}")
