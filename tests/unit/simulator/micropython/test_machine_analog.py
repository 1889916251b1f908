"""machine.DAC and machine.TouchPad on a bare board."""

import pytest

from simulator.errors import NodeError


def test_dac_drives_its_share_of_the_supply(bare):
    bare.run("from machine import DAC, Pin\nd = DAC(Pin(25))\nd.write(51)")
    assert bare.machine.parts["pads"].net(25).volts() == pytest.approx(0.66)
    assert bare.run("print(d, d is DAC(25))") == "DAC(Pin(25)) True\n"


def test_dac_starts_at_zero(bare):
    bare.run("from machine import DAC\nDAC(25).write(255)\nDAC(25)")
    assert bare.machine.parts["pads"].net(25).volts() == 0.0


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("DAC(27)", "invalid Pin for DAC"),
        ("DAC(25).write(256)", "value out of range"),
        ("DAC(25).write(-1)", "value out of range"),
        ("TouchPad(5)", "invalid pin for touchpad"),
    ],
)
def test_wrong_use_is_refused(bare, call, error):
    with pytest.raises(NodeError, match=f"ValueError: {error}"):
        bare.run(f"from machine import DAC, TouchPad\n{call}")


def test_dac_output_can_be_measured_on_another_pin(bare):
    pads = bare.machine.parts["pads"]
    pads.net(25).join(pads.net(36))
    assert (
        bare.run("from machine import ADC, DAC\nDAC(25).write(128)\nprint(ADC(36, atten=3).read_uv())") == "1657000\n"
    )


def test_touch_reads_less_when_touched(bare):
    source = "from machine import TouchPad, Pin\nt = TouchPad(Pin(13))\nt.config(300)\nprint(t.read())"
    assert bare.run(source) == "600\n"
    bare.machine.parts["pads"].pad(13).touch_value = 150
    assert bare.run("print(t.read())") == "150\n"
