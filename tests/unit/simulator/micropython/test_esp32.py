"""esp32 on a bare board."""

import pytest

from simulator.errors import NodeError


def test_raw_temperature_can_be_set(bare):
    assert bare.run("import esp32\nprint(esp32.raw_temperature())") == "128\n"
    bare.machine.parts["pads"].die_temp_f = 140
    assert bare.run("print(esp32.raw_temperature())") == "140\n"


def test_removed_hall_sensor_is_absent(bare):
    assert bare.run("import esp32\nprint(hasattr(esp32, 'hall_sensor'))") == "False\n"


@pytest.mark.parametrize("call", ["wake_on_ext0(None, False)", "wake_on_touch(True)", "idf_heap_info(4)"])
def test_what_is_not_modelled_says_so(bare, call):
    with pytest.raises(NodeError, match=f"NotImplementedError: esp32.{call.partition('(')[0]}"):
        bare.run(f"import esp32\nesp32.{call}")
