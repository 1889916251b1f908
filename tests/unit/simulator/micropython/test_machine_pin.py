"""machine.Pin and machine.Signal on a bare board."""

import pytest

from simulator.errors import NodeError


def test_pin_is_one_object_per_gpio(bare):
    assert bare.run("from machine import Pin\nprint(Pin(4) is Pin(4), Pin(4), Pin(Pin(5)))") == "True Pin(4) Pin(5)\n"


@pytest.mark.parametrize("pin", ["20", "24", "28", "31", "40", "-1", "'D4'", "None", "4.0"])
def test_unknown_pin_is_invalid(bare, pin):
    with pytest.raises(NodeError, match="ValueError: invalid pin"):
        bare.run(f"import machine\nmachine.Pin({pin})")


def test_output_on_input_only_pin_is_refused(bare):
    with pytest.raises(NodeError, match="ValueError: pin can only be input"):
        bare.run("from machine import Pin\nPin(34, Pin.OUT)")


def test_output_reads_back_and_drives_the_net(bare):
    source = "from machine import Pin\np = Pin(4, Pin.OUT, value=1)\nprint(p.value(), p())\np.toggle()\nprint(p())"
    assert bare.run(source) == "1 1\n0\n"
    assert [level for _, level in bare.machine.parts["pads"].net(4).edges] == [1, 0]


def test_value_before_mode_makes_no_glitch(bare):
    bare.run("from machine import Pin\nPin(4, Pin.OUT, value=1)")
    assert [level for _, level in bare.machine.parts["pads"].net(4).edges] == [1]


def test_input_follows_the_outside(bare):
    bare.machine.parts["pads"].net(13).drive(1)
    assert bare.run("from machine import Pin\nprint(Pin(13, Pin.IN).value())") == "1\n"


def test_pulls_work_except_on_input_only_pins(bare):
    source = "from machine import Pin\nfor n in (4, 34):\n    print(Pin(n, Pin.IN, Pin.PULL_UP)())"
    assert bare.run(source) == "1\n0\n"


def test_pull_none_switches_pulls_off_and_minus_one_leaves_them(bare):
    source = (
        "from machine import Pin\np = Pin(4, Pin.IN, Pin.PULL_UP)\np.init(Pin.IN)\nprint(p())\n"
        "p.init(pull=None)\nprint(p())"
    )
    assert bare.run(source) == "1\n0\n"


def test_open_drain_lets_the_outside_win(bare):
    bare.run("from machine import Pin\np = Pin(4, Pin.OPEN_DRAIN, Pin.PULL_UP, value=1)")
    bare.machine.parts["pads"].net(4).drive(0)
    assert bare.run("print(p())") == "0\n"
    assert not bare.machine.parts["pads"].faults()


def test_port_lacks_names_of_other_ports(bare):
    source = (
        "from machine import Pin\n"
        "names = 'mode pull drive deinit IRQ_LOW_LEVEL ALT PULL_HOLD'.split()\n"
        "print([n for n in names if hasattr(Pin, n)])"
    )
    assert bare.run(source) == "[]\n"


def test_pin_constants_are_the_ports(bare):
    names = "IN OUT OPEN_DRAIN PULL_DOWN PULL_UP IRQ_RISING IRQ_FALLING WAKE_LOW WAKE_HIGH DRIVE_3"
    source = f"from machine import Pin\nprint([getattr(Pin, n) for n in '{names}'.split()])"
    assert bare.run(source) == "[1, 3, 7, 1, 2, 1, 2, 4, 5, 3]\n"


@pytest.mark.engine("cpython", reason="new-attributes")
def test_pin_and_its_class_take_no_attributes(bare):
    for target in ("Pin", "Pin(4)"):
        with pytest.raises(NodeError, match="AttributeError"):
            bare.run(f"from machine import Pin\n{target}.mine = 1")


def test_irq_runs_handler_with_the_pin_on_its_edge_only(bare):
    net = bare.machine.parts["pads"].net(13)
    bare.run("from machine import Pin\nhits = []\np = Pin(13, Pin.IN)\np.irq(hits.append, Pin.IRQ_RISING)")
    for level in (1, 0, 1):
        net.drive(level)
        bare.world.run_for(0.001)
    assert bare.run("print(hits)") == "[Pin(13), Pin(13)]\n"


@pytest.mark.engine("cpython", reason="computing")
def test_irq_wakes_a_busy_loop(bare):
    now = bare.world.kernel.now
    bare.world.at(now + 50_000, lambda: bare.machine.parts["pads"].net(13).drive(1))
    source = (
        "from machine import Pin\ngo = []\nPin(13, Pin.IN).irq(go.append, Pin.IRQ_RISING)\n"
        "while not go:\n    pass\nprint('ok')"
    )
    assert bare.run(source) == "ok\n"


def test_irq_of_none_ends_it(bare):
    bare.run("from machine import Pin\nhits = []\np = Pin(13, Pin.IN)\np.irq(hits.append)\np.irq(handler=None)")
    bare.machine.parts["pads"].net(13).drive(1)
    bare.world.run_for(0.001)
    assert bare.run("print(hits, p.irq().trigger())") == "[] 0\n"


def test_irq_trigger_gets_and_sets(bare):
    source = (
        "from machine import Pin\ni = Pin(13, Pin.IN).irq(print, Pin.IRQ_RISING)\n"
        "print(i.trigger(Pin.IRQ_FALLING), i.trigger())"
    )
    assert bare.run(source) == "1 2\n"


@pytest.mark.engine("cpython", reason="computing")
def test_irq_object_called_queues_the_handler(bare):
    assert (
        bare.run("from machine import Pin\nPin(13, Pin.IN).irq(print)()\nfor i in range(9):\n    pass") == "Pin(13)\n"
    )


def test_level_irq_comes_while_the_level_lasts(bare):
    source = (
        "from machine import Pin\nimport time\nn = []\np = Pin(13, Pin.IN, Pin.PULL_UP)\np.irq(n.append, Pin.WAKE_HIGH)"
    )
    bare.run(source + "\ntime.sleep_ms(2)")
    assert int(bare.run("print(len(n))")) > 20
    bare.machine.parts["pads"].net(13).drive(0)
    bare.world.run_for(0.001)
    before = bare.run("print(len(n))")
    bare.world.run_for(0.1)
    assert bare.run("print(len(n))") == before


@pytest.mark.parametrize(
    ("trigger", "count"), [("IRQ_RISING", 10), ("IRQ_FALLING", 10), ("IRQ_RISING | Pin.IRQ_FALLING", 20)]
)
def test_irq_counts_the_edges_of_a_square_wave(bare, trigger, count):
    pads = bare.machine.parts["pads"]
    pads.net(14).join(pads.net(13))
    source = (
        "from machine import Pin, PWM\nimport time\nat = []\nq = Pin(13, Pin.IN)\n"
        f"q.irq(lambda p: at.append((time.ticks_us(), p.value())), Pin.{trigger})\n"
        "p = PWM(Pin(14), freq=1000, duty_u16=16384)\ntime.sleep_us(9_990)\np.deinit()\n"
        "time.sleep_ms(20)\nprint(len(at))"
    )
    assert bare.run(source) == f"{count}\n"


def test_irq_follows_a_wave_that_was_there_before_and_its_changes(bare):
    source = (
        "from machine import Pin, PWM\nimport time\nat = []\np = PWM(Pin(14), freq=100, duty_u16=32768)\n"
        "time.sleep_ms(3)\nPin(14).irq(lambda p: at.append(time.ticks_ms()), Pin.IRQ_RISING)\n"
        "time.sleep_ms(50)\nprint(len(at))\np.freq(1000)\ntime.sleep_ms(20)\nprint(15 < len(at) < 30)\n"
        "Pin(14).irq(None)\nn = len(at)\ntime.sleep_ms(50)\nprint(len(at) == n)"
    )
    assert bare.run(source) == "5\nTrue\nTrue\n"


def test_irq_wake_is_not_modelled(bare):
    with pytest.raises(NodeError, match="NotImplementedError: Pin.irq"):
        bare.run("from machine import Pin\nPin(13).irq(print, Pin.WAKE_LOW, wake=4)")


def test_reset_lets_pins_go_and_ends_interrupts(bare):
    net = bare.machine.parts["pads"].net(4)
    bare.run("from machine import Pin\np = Pin(4, Pin.OUT, value=1)\nPin(13, Pin.IN).irq(lambda p: 1 / 0)")
    bare.node.reset()
    bare.machine.parts["pads"].net(13).drive(1)
    bare.world.run_for(2)
    assert (net.level(), "ZeroDivisionError" in bare.node.console.text()) == (0, False)


def test_toggle_loopback_between_joined_pins(bare):
    pads = bare.machine.parts["pads"]
    pads.net(4).join(pads.net(5))
    assert bare.run("from machine import Pin\no = Pin(4, Pin.OUT)\no(1)\nprint(Pin(5, Pin.IN)())") == "1\n"


def test_signal_inverts(bare):
    source = (
        "from machine import Pin, Signal\nl = Signal(Pin(4, Pin.OUT), invert=True)\nl.on()\n"
        "print(Pin(4)(), l.value())\nl(0)\nprint(Pin(4)())"
    )
    assert bare.run(source) == "0 1\n1\n"


def test_signal_makes_its_pin(bare):
    assert bare.run("from machine import Pin, Signal\nSignal(4, Pin.OUT, value=1)\nprint(Pin(4)())") == "1\n"


def test_signal_of_pin_with_mode_is_refused(bare):
    with pytest.raises(NodeError, match="TypeError"):
        bare.run("from machine import Pin, Signal\nSignal(Pin(4), Pin.OUT)")
