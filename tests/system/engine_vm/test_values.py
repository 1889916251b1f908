"""Values, exceptions and buffers cross the wire between the virtual machine and the world unchanged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simulator.errors import NodeError
from simulator.micropython import registry
from simulator.world import World

_RAISES = """
try:
    {}
except BaseException as e:
    print(type(e).__name__, e.args)
"""


@pytest.mark.parametrize(
    ("call", "raised"),
    [
        ("import machine; machine.Pin(99)", "ValueError ('invalid pin',)"),
        ("import machine; machine.Pin('nosuch')", "ValueError ('invalid pin',)"),
        ("import machine; machine.I2C(0).readfrom(0x42, 1)", "OSError (19,)"),
        ("import socket; socket.socket().connect(('10.9.9.9', 1))", "OSError (118,)"),
        ("import time; time.sleep_ms('x')", 'TypeError ("can\'t convert str to int",)'),
        ("import machine; machine.freq(1)", "ValueError"),
        ("import os; os.stat('/nosuch')", "OSError (2,)"),
        ("import machine; machine.Pin(2, nosuch=1)", "TypeError"),
        ("import machine; machine.Pin(2).nosuch", "AttributeError"),
        ("import _thread; _thread.allocate_lock().release()", "RuntimeError ()"),
    ],
)
def test_exception_crosses_with_type_and_arguments(vm: Any, call: str, raised: str) -> None:
    assert vm.run(_RAISES.format(call)).startswith(raised)


def test_uncaught_exception_of_a_run_is_told_with_its_traceback(vm: Any) -> None:
    with pytest.raises(NodeError, match=r'File "<stdin>", line 2, in <module>\nValueError: invalid pin'):
        vm.run("import machine\nmachine.Pin(99)")


@pytest.fixture
def echo(add_vm: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A board on which ``esp.osdebug`` is a function of the world that gives back what it gets."""
    with World() as other:
        other.add_node("first", firmware=False)
        other.run_for(1)
        registry.build("esp", "simulator.micropython.esp", other.nodes["first"].machine)
    monkeypatch.setitem(registry._exported["simulator.micropython.esp"], "osdebug", lambda value: value)
    vm = add_vm()
    vm.run("from esp import osdebug as echo")
    return vm


@pytest.mark.parametrize(
    "text",
    ["", "x", "grüße", "漢字 \\U0001f600", "a\\0b", 'tab\\tquote\\" x\\n', "\\ud7ff\\ue000", "ä" * 3_000],
)
def test_text_comes_back_as_it_was(echo: Any, text: str) -> None:
    echo.run(f"t = '''{text}'''\nassert echo(t) == t\nwith open('/t', 'w') as f:\n    f.write(t)")
    assert echo.node.flash.read("/t") == eval(f"'''{text}'''").encode()  # noqa: S307 - a literal of this file


@pytest.mark.parametrize(
    "data", ["b''", "bytes(range(256))", "b'\\xff' * 2048", "bytearray(b'abc')", "memoryview(b'abcd')[1:3]"]
)
def test_bytes_come_back_as_they_were(vm: Any, data: str) -> None:
    vm.run(f"import machine\nr = machine.RTC()\nd = {data}\nr.memory(d)\nassert r.memory() == bytes(d), r.memory()")


@pytest.mark.parametrize("number", [0, -1, 2**30, -(2**31), 2**31, 2**62, 2**64 + 1, -(2**70)])
def test_integer_crosses_whatever_its_size(echo: Any, number: int) -> None:
    assert echo.lines(f"print(echo({number}))") == [str(number)]


@pytest.mark.parametrize(
    "value",
    [
        "None", "True", "False", "1.5", "-0.25", "1e300", "'ä'", "b'\\x00\\xff'", "(1, (2, 'x'))", "[1, [2, None]]",
        "{'a': 1}", "{1: (2, b'z'), 'k': [None]}", "()", "[]", "{}", "((),)",
    ],
)  # fmt: skip
def test_value_comes_back_equal_and_of_its_type(echo: Any, value: str) -> None:
    assert echo.lines(f"v = {value}\nr = echo(v)\nprint(r == v, type(r) == type(v))") == ["True True"]


@pytest.mark.parametrize("shown", ["inf", "-inf", "nan"])
def test_float_that_is_no_number_crosses(echo: Any, shown: str) -> None:
    assert echo.lines(f"print(echo(float('{shown}')))") == [shown]


def test_20_kb_of_text_and_bytes_cross_in_one_call(echo: Any) -> None:
    echo.run("t = 'ä' * 5000\nassert echo(t) == t\nt = None\nb = bytes(range(250)) * 40\nassert echo(b) == b")


def test_foreign_object_given_to_schedule_comes_back_as_itself(vm: Any) -> None:
    assert vm.lines("""
        import micropython, time
        class A:
            pass
        a = A()
        g = []
        micropython.schedule(g.append, a)
        time.sleep_ms(1)
        print(g[0] is a)
    """) == ["True"]


def test_there_is_one_object_per_pin_and_timer(vm: Any) -> None:
    vm.run("""
        from machine import Pin, Timer
        assert Pin(2) is Pin(2)
        assert Pin(2) is not Pin(4)
        assert Timer(0) is Timer(0)
        assert isinstance(Pin(2), Pin)
        assert not isinstance(Timer(0), Pin)
    """)


def test_object_keeps_what_a_method_changed(vm: Any) -> None:
    vm.run("""
        from machine import Pin
        p = Pin(4, Pin.OUT)
        p.on()
        assert p.value() == 1 == p()
        p(0)
        assert Pin(4).value() == 0
    """)


def test_socket_fills_a_buffer_in_place(vm: Any, add_vm: Any) -> None:
    """A peer of the same node: loopback."""
    assert vm.lines("""
        import socket
        s = socket.socket()
        s.bind(('127.0.0.1', 5000))
        s.listen(1)
        c = socket.socket()
        c.connect(('127.0.0.1', 5000))
        a, _ = s.accept()
        a.send(b'hello')
        b = bytearray(8)
        print(c.readinto(b, 5), b)
        a.send(b'xy')
        m = memoryview(b)
        print(c.readinto(m[6:8]), b)
    """) == ["5 bytearray(b'hello\\x00\\x00\\x00')", "2 bytearray(b'hello\\x00xy')"]


def test_array_is_filled_in_place(vm: Any) -> None:
    """The bytes of an array of another type than bytes are the world's to fill."""
    assert vm.lines("""
        import socket, array
        s = socket.socket()
        s.bind(('127.0.0.1', 5000))
        s.listen(1)
        c = socket.socket()
        c.connect(('127.0.0.1', 5000))
        a, _ = s.accept()
        a.send(b'\\x01\\x00\\x02\\x01')
        b = array.array('H', [0, 0])
        print(c.readinto(b), b)
    """) == ["4 array('H', [1, 258])"]


def test_spi_fills_buffers_in_place(vm: Any) -> None:
    """Nothing drives MISO: it reads as its pull, and the buffer is what was clocked in, not what it held."""
    assert vm.lines("""
        from machine import SPI, Pin
        s = SPI(1, baudrate=1000000, sck=Pin(18), mosi=Pin(23), miso=Pin(19))
        b = bytearray(b'\\x55' * 4)
        s.readinto(b)
        print(len(set(b)), b[0] in (0, 255))
        r = bytearray(b'\\x55' * 4)
        s.write_readinto(b'\\x01\\x02\\x03\\x04', r)
        print(r == b)
    """) == ["1 True", "True"]


def test_long_text_goes_over_a_socket(vm: Any) -> None:
    """A thread sends 100 kB to the main one, which compares what it gets."""
    assert vm.lines("""
        import socket, _thread
        s = socket.socket()
        s.bind(('127.0.0.1', 5000))
        s.listen(1)
        def serve():
            a, _ = s.accept()
            for i in range(25):
                a.sendall(b'%04d' % i * 1000)
            a.close()
        _thread.start_new_thread(serve, ())
        c = socket.socket()
        c.connect(('127.0.0.1', 5000))
        n = 0
        good = True
        while True:
            d = c.recv(1000)
            if not d:
                break
            for k in range(0, len(d), 7):
                good = good and d[k] == (b'%04d' % ((n + k) // 4000))[(n + k) % 4]
            n += len(d)
        print(n, good)
    """) == ["100000 True"]


def test_new_socket_is_not_taken_for_one_that_was_closed_long_ago(vm: Any) -> None:
    assert vm.lines("""
        import socket
        for i in range(400):
            s = socket.socket()
            s.setblocking(False)
            s.close()
        print(i)
    """) == ["399"]


def test_100_kb_in_one_piece_cross(vm: Any) -> None:
    """The board's own heap is too small for it: the text is what the host reads of a file."""
    vm.run("""
        with open('/big', 'wb') as f:
            for i in range(100):
                f.write(bytes([i]) * 1024)
    """)
    data = vm.node.flash.read("/big")
    assert data == b"".join(bytes([i]) * 1024 for i in range(100))


def test_exception_of_a_module_is_its_own_class(vm: Any) -> None:
    assert vm.lines("""
        import onewire, machine
        try:
            onewire.OneWire(machine.Pin(4)).reset(True)
        except onewire.OneWireError as e:
            print(type(e).__name__, e.args)
    """) == ["OneWireError ()"]


def test_open_takes_no_file_of_the_host(vm: Any) -> None:
    assert vm.lines("""
        try:
            open(1)
        except TypeError as e:
            print(e)
    """) == ["can't convert 'int' object to str implicitly"]


def test_attributes_of_an_object_are_read_and_set(vm: Any) -> None:
    source = "import dht, onewire\nfrom machine import Pin\nd = dht.DHT11(Pin(4))\nd.buf = bytearray(b'abcde')\n"
    assert vm.lines(source + "print(d.humidity(), d.buf, d.pin is Pin(4), onewire.OneWire(Pin(5)).pin)") == [
        "97 bytearray(b'abcde') True Pin(5)"
    ]


def test_slices_and_properties_of_an_object_of_the_world(vm_world: World) -> None:
    node = vm_world.add_node("tiny", board="tinypico", firmware=False)
    vm_world.run_until(lambda: ">>> " in node.console.text(), timeout_s=5)
    source = (
        "import dotstar\nfrom machine import Pin, SoftSPI\nspi = SoftSPI(sck=Pin(12), mosi=Pin(2), miso=Pin(19))\n"
        "with dotstar.DotStar(spi, 4, auto_write=False) as d:\n    d[1:3] = [(1, 2, 3), (4, 5, 6)]\n"
        "    d.brightness = 7\n    print(d[2:], d[::-2], d.brightness, d.auto_write, type(d).__name__)"
    )
    assert vm_world.run_on(node, source) == "[(4, 5, 6), (0, 0, 0)] [(0, 0, 0), (1, 2, 3)] 1.0 False DotStar\n"


def test_socket_hands_itself_out(vm: Any) -> None:
    assert vm.lines("import socket\ns = socket.socket()\nprint(s.makefile('rwb', 0) is s)") == ["True"]


@pytest.mark.parametrize("shown", ["str(e)", "'%s' % e"])
def test_error_of_the_world_has_the_boards_symbol(vm: Any, shown: str) -> None:
    source = "import socket\ntry:\n    socket.socket().recv(1)\nexcept OSError as e:\n    "
    assert vm.lines(f"{source}print({shown}, e.errno, repr(e))") == ["[Errno 128] ENOTCONN 128 OSError(128,)"]


@pytest.mark.parametrize(
    ("raised", "shown"),
    [
        ("OSError(116)", "OSError: [Errno 116] ETIMEDOUT"),
        ("OSError(116, 'x')", "OSError: [Errno 116] ETIMEDOUT: x"),
        ("OSError(110)", "OSError: 110"),
        ("OSError(110, 'x')", "OSError: (110, 'x')"),
        ("OSError(28)", "OSError: 28"),
        ("OSError", "OSError: "),
        ("OSError('a\\nb')", "OSError: a\nb"),
    ],
)
def test_traceback_has_the_boards_symbol(vm: Any, raised: str, shown: str) -> None:
    with pytest.raises(NodeError) as caught:
        vm.run(f"raise {raised}")
    assert str(caught.value).endswith(f"\n{shown}\n")


def test_error_that_cannot_be_shown_is_named(vm: Any) -> None:
    with pytest.raises(NodeError, match="Odd: <exception str"):
        vm.run("class Odd(Exception):\n    def __repr__(self):\n        raise ValueError\nraise Odd")
