"""Wiring files: what they may hold, what is said of mistakes, and what hangs on a node then."""

from __future__ import annotations

import json

import pytest

from simulator.devices import Device, Quantity, part
from simulator.errors import UsageError
from simulator.wiring import built_in, load
from simulator.world import World


@part("test_lamp")
class Lamp(Device):
    """Sees the level of a pin."""

    roles = ("on",)
    optional_roles = ("led",)
    quantities = {
        "lit": Quantity("it is lit", kind=bool, is_reading=True),
        "watts": Quantity("its power", unit="W", low=0, high=60),
    }

    def __init__(self, site, *, watts=5.0):
        super().__init__(site)
        self.watts = watts
        self.powered = []

    @property
    def lit(self):
        return bool(self.site.net("on").level())

    def power(self, *, on):
        self.powered.append(on)


_GOOD = """
about = "a lamp"
[config]
gmttime = 2
[[part]]
name = "lamp"
kind = "test_lamp"
pins = { on = "switch_1" }
options = { watts = 7 }
[[part]]
name = "spare"
kind = "test_lamp"
pins = { on = 4, led = 5 }
set = { watts = 9 }
"""


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "board.toml"
        path.write_text(text)
        return path

    return write


def test_parts_hang_on_their_pins(file):
    with World() as world:
        node = world.add_node("n1", firmware=False, wiring=file(_GOOD))
        assert list(node.parts) == ["lamp", "spare"]
        assert (node.part("lamp").get("watts"), node.part("spare").get("watts")) == (7, 9.0)
        node.machine.parts["pads"].net(26).drive(1)
        assert node.part("lamp").get("lit") is True
        assert node.part("spare").get("lit") is False


def test_logical_names_follow_the_boards_pin_map(file):
    with World() as world:
        node = world.add_node("n1", board="tinypico", firmware=False, wiring=file(_GOOD))
        assert node.part("lamp").site.gpio("on") == 18


def test_supply_comes_and_goes_with_the_node(file):
    with World() as world:
        node = world.add_node("n1", firmware=False, wiring=file(_GOOD))
        node.power_off()
        node.power_on()
        node.reset()
        assert node.part("lamp").powered == [True, False, True]


def test_config_of_the_wiring_yields_to_the_callers(file):
    with World() as world:
        nodes = [
            world.add_node("n1", wiring=file(_GOOD)),
            world.add_node("n2", wiring=file(_GOOD), config={"gmttime": 3}),
        ]
        assert [json.loads(node.flash.read("/node_config.json"))["gmttime"] for node in nodes] == [2, 3]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (('kind = "test_lamp"', 'kind = "sun"'), "lamp: no part of kind 'sun'; there are: "),
        (('"switch_1"', '"switch_9"'), "lamp: the pin map of esp32 has no 'switch_9'"),
        (('"switch_1"', "24"), "lamp: board esp32 has no GPIO 24"),
        (('"switch_1"', "1.5"), "part 1 (lamp): pin on must be a GPIO or a name of the pin map, not 1.5"),
        (("on = 4, led", "led"), "spare: pin 'on' is not wired"),
        (("led = 5", "leg = 5"), "spare: test_lamp has no pin 'leg'; there are: on, led"),
        (("watts = 7", "volts = 7"), "lamp: test_lamp: got an unexpected keyword argument 'volts'"),
        (("watts = 9", "watts = 90"), "spare: spare.watts must be 0..60 W, not 90"),
        (("watts = 9", "lit = 1"), "spare: spare.lit can be read only"),
        (('name = "spare"', 'name = "lamp"'), "two parts are named 'lamp'"),
        (('name = "spare"', 'name = "a b"'), "part 2: name 'a b' must be letters, digits and _, up to 32"),
        (('name = "spare"', ""), "part 2: name must be a text, and is missing"),
        (("set = {", "sett = {"), "part 2 (spare): no key 'sett'; there are: kind, name, options, pins, set"),
        (("set = { watts = 9 }", "set = 9"), "part 2 (spare): set must be a table"),
        (('about = "a lamp"', ""), "about must be a text, and is missing"),
        (("[config]", "[konfig]"), "no key 'konfig'; there are: about, board, config, models, part"),
        (('about = "a lamp"', 'about = "a"\nmodels = "x.py"'), "models must be a list of file names"),
        (('about = "a lamp"', 'about = "a"\nmodels = ["x.py"]'), "x.py: No such file or directory"),
        (("[[part]]", "[part"), "Expected ']' at the end of a table declaration"),
        (('about = "a lamp"', 'about = "a"\nboard = "tinypico"'), "is for board tinypico, not esp32"),
    ],
)
def test_mistakes_are_named_with_file_and_part(file, change, text):
    path = file(_GOOD.replace(*change, 1))
    with World() as world, pytest.raises(UsageError) as caught:
        world.add_node("n1", firmware=False, wiring=path)
    assert str(caught.value).startswith(f"wiring {path}: ")
    assert text in str(caught.value)


_MODEL = """
from simulator.devices import Device, part

@part("test_own_{name}")
class Own(Device):
    roles = ("x",)
"""


def test_models_of_ones_own_stand_beside_the_wiring(file, tmp_path):
    (tmp_path / "own.py").write_text(_MODEL.format(name="good"))
    path = file('about = "x"\nmodels = ["own.py"]\n[[part]]\nname = "p"\nkind = "test_own_good"\npins = {x = 4}\n')
    with World() as world:
        nodes = [world.add_node(name, firmware=False, wiring=path) for name in ("n1", "n2")]
        assert [node.part("p").kind for node in nodes] == ["test_own_good"] * 2


@pytest.mark.parametrize(
    ("source", "text"),
    [("x = 1\n1 / 0\n", "own.py:2: ZeroDivisionError: division by zero"), ("x = (\n", "own.py:1: SyntaxError: ")],
)
def test_error_in_a_model_file_names_its_line(file, tmp_path, source, text):
    (tmp_path / "own.py").write_text(source)
    with World() as world, pytest.raises(UsageError) as caught:
        world.add_node("n1", firmware=False, wiring=file('about = "x"\nmodels = ["own.py"]\n'))
    assert text in str(caught.value)


def test_missing_files_and_names_are_said(tmp_path):
    with pytest.raises(UsageError, match=r"no wiring 'demi'; there are: .*; or give a \.toml file"):
        load("demi")
    with pytest.raises(UsageError, match="No such file"):
        load(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="can't decode byte"):
        load(tmp_path / "bad.toml")


def test_node_tells_which_parts_it_has(file):
    with World() as world:
        node = world.add_node("n1", firmware=False, wiring=file(_GOOD))
        with pytest.raises(UsageError, match="n1 has no part 'lump'; there are: lamp, spare"):
            node.part("lump")
        with pytest.raises(UsageError, match="there is a part 'lamp' already"):
            node.add_part(node.part("lamp"))


@pytest.mark.parametrize("name", sorted(built_in()))
def test_every_built_in_wiring_can_be_soldered(name):
    wiring = load(name)
    with World() as world:
        node = world.add_node("n1", board=wiring.board or "esp32", firmware=False, wiring=name)
        assert list(node.parts) == [line.name for line in wiring.parts]
        assert not node.machine.parts["pads"].faults()
