"""machine.ADC and machine.ADCBlock on a bare board."""

import pytest

from simulator.errors import NodeError


class Net:
    """A network part whose WiFi is on."""

    def wifi_active(self):
        return True


def read(bare, volts, *, gpio=36, call="read()", atten=3):
    """A reading at a voltage."""
    bare.machine.parts["pads"].net(gpio).set_volts(volts)
    return int(bare.run(f"from machine import ADC, Pin\nprint(ADC(Pin({gpio}), atten={atten}).{call})"))


@pytest.mark.parametrize(("volts", "raw"), [(0.0, 0), (0.1, 0), (3.3, 3920), (3.5, 4095), (5.0, 4095)])
def test_reading_at_11_db_has_dead_zone_and_full_scale(bare, volts, raw):
    assert read(bare, volts) == raw


def test_reading_rises_with_the_voltage(bare):
    readings = [read(bare, tenths / 10, gpio=32) for tenths in range(2, 34)]
    assert readings == sorted(set(readings))


@pytest.mark.parametrize("atten", [0, 1, 2, 3])
@pytest.mark.parametrize("gpio", [39, 4])
def test_read_uv_gives_the_voltage_back(bare, atten, gpio):
    assert read(bare, 0.6, gpio=gpio, call="read_uv()", atten=atten) == pytest.approx(600_000, abs=1500)


def test_attenuation_sets_the_range(bare):
    assert [read(bare, 1.1, atten=atten) == 4095 for atten in range(4)] == [True, False, False, False]


def test_width_is_of_the_whole_block(bare):
    bare.machine.parts["pads"].net(36).set_volts(2.0)
    source = (
        "from machine import ADC\na = ADC(36, atten=ADC.ATTN_11DB)\nprint(a.read(), a.read_u16(), a.block())\n"
        "ADC(39).width(ADC.WIDTH_9BIT)\nprint(a.read(), a.read_u16(), a.block())"
    )
    assert bare.run(source) == "2306 36905 ADCBlock(1, bits=12)\n288 36936 ADCBlock(1, bits=9)\n"


def test_u16_of_full_scale_is_65535(bare):
    assert read(bare, 3.5, call="read_u16()") == 65_535


def test_legacy_atten_and_text(bare):
    source = "from machine import ADC, Pin\na = ADC(Pin(35))\nprint(a)\na.atten(ADC.ATTN_11DB)\nprint(a, a is ADC(35))"
    assert bare.run(source) == "ADC(Pin(35), atten=0)\nADC(Pin(35), atten=3) True\n"


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("ADC(5)", "invalid pin"),
        ("ADC(20)", "invalid pin"),
        ("ADC(36, atten=4)", "invalid atten"),
        ("ADC(36).atten(-2)", "invalid atten"),
        ("ADC(36).width(13)", "invalid bits"),
        ("ADCBlock(3)", "invalid block id"),
        ("ADCBlock(1).connect(8)", "no matching ADC"),
        ("ADCBlock(1).connect(Pin(4))", "no matching ADC"),
    ],
)
def test_wrong_use_is_refused(bare, call, error):
    with pytest.raises(NodeError, match=f"ValueError: {error}"):
        bare.run(f"from machine import ADC, ADCBlock, Pin\n{call}")


def test_second_unit_fails_while_wifi_is_on(bare):
    bare.machine.parts["net"] = Net()
    with pytest.raises(NodeError, match=r"OSError: .*116.*ESP_ERR_TIMEOUT"):
        bare.run("from machine import ADC\nADC(4).read()")
    assert bare.run("print(ADC(36).read())") == "0\n"


def test_deinit_frees_the_block_until_made_anew(bare):
    with pytest.raises(NodeError, match=r"OSError: \[Errno 1\] EPERM"):
        bare.run("from machine import ADC\na = ADC(36)\na.deinit()\na.read()")
    assert bare.run("print(ADC(36).read())") == "0\n"


def test_block_connects_by_channel_pin_or_both(bare):
    source = (
        "from machine import ADCBlock, Pin\nb = ADCBlock(2, bits=10)\n"
        "print(b, b.connect(0), b.connect(Pin(25)), b.connect(9, Pin(26), atten=2))"
    )
    assert bare.run(source) == "ADCBlock(2, bits=10) ADC(Pin(4), atten=0) ADC(Pin(25), atten=0) ADC(Pin(26), atten=2)\n"
