"""The API modules as the shadow modules of a virtual machine see them: what there is, and how it is called.

:func:`describe` tells which functions, constants and classes each module has, so that the machine can make its shadows.
:class:`Calls` finds what a message names, and turns values into messages and back.
"""

from __future__ import annotations

import inspect
import math
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from simulator.micropython import registry
from simulator.micropython._pin import _PinIrq
from simulator.micropython._system import mem8
from simulator.micropython._tuples import AttrTuple
from simulator.micropython._uart_irq import UartIrq
from simulator.micropython.errors import os_error
from simulator.micropython.runtime import Machine

#: Modules whose content is the world's altogether.
FORWARDED = (
    "_onewire",
    "_webrepl",
    "dht",
    "ds18x20",
    "errno",
    "esp",
    "esp32",
    "machine",
    "network",
    "onewire",
    "platform",
    "socket",
    "webrepl",
    "websocket",
)
#: Modules of which the machine's own shadow forwards some calls.
_PARTLY = ("_thread", "micropython", "os", "sys", "time")
#: Classes of which there is one object each: ``Pin(2) is Pin(2)``.
_SINGLE = frozenset({"machine.Pin", "machine.Timer", "machine.DAC", "machine.UART", "network.WLAN"})
_SINGLE |= {"machine.ADC", "machine.ADCBlock", "machine.TouchPad", "machine.WDT", "machine.I2C", "machine.SPI"}
_SINGLE |= {"machine.RTC"}
#: Names of a module that it and the program set.
_VARIABLES: dict[str, tuple[str, ...]] = {"webrepl": ("DEBUG", "client_s", "listen_s", "static_host")}
#: Classes of objects that calls of a module hand out, and that have no name in it.
_HANDED_OUT: dict[str, tuple[type, ...]] = {"machine": (_PinIrq, UartIrq, type(mem8))}
_PLAIN = (type(None), bool, int, str)
_SPECIAL = (
    "__call__",
    "__len__",
    "__getitem__",
    "__setitem__",
    "__iter__",
    "__next__",
    "__enter__",
    "__exit__",
    "__eq__",
)
_API = "simulator."
#: Objects that were closed and are still known: calls of them fail as on the port.
_MOST_CLOSED = 64

Described = dict[str, tuple[list[str], dict[str, Any], dict[str, Any], list[str]]]


def _path(kind: type) -> str:
    """The name of a class that no module shows, as ``_pin._PinIrq``."""
    return f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"


def _modules_of(machine: Machine) -> tuple[str, ...]:
    return (*FORWARDED, *[name for name in machine.board.modules if name not in FORWARDED])


def describe(modules: dict[str, ModuleType], names: tuple[str, ...]) -> Described:
    """Functions, constants, classes (as :func:`describe_class` tells them) and variables of each module."""
    described: Described = {}
    for name in names:
        functions: list[str] = []
        constants: dict[str, Any] = {}
        classes: dict[str, Any] = {}
        variables = [*_VARIABLES.get(name, ())]
        for key, value in vars(modules[name]).items():
            if key.startswith("__") or key in variables:
                continue
            if isinstance(value, type):
                is_error = issubclass(value, BaseException)
                classes[key] = ([], {}, False, [], True) if is_error else describe_class(f"{name}.{key}", value)
            elif callable(value):
                functions.append(key)
            elif isinstance(value, (int, float, str)):
                constants[key] = value
            elif isinstance(value, dict):
                constants[key] = [[*item] for item in value.items()]
            elif type(value) in _HANDED_OUT.get(name, ()):
                variables.append(key)
        for kind in _HANDED_OUT.get(name, ()):
            classes[_path(kind)] = describe_class(_path(kind), kind)
        described[name] = (functions, constants, classes, variables)
    return described


def describe_class(path: str, kind: type) -> tuple[list[str], dict[str, Any], bool, list[str]]:
    """(methods, constants, whether there is one object each, attributes of objects) of a class.

    Args:
        path: its name, as ``machine.Pin``.
        kind: the class; its attributes are its properties, and what it annotates.
    """
    methods = []
    constants: dict[str, Any] = {}
    annotated = {key for base in kind.__mro__ for key in vars(base).get("__annotations__", ())}
    attributes = {key for key in annotated if key[0] != "_" and not hasattr(kind, key)}
    for key in dir(kind):
        value = inspect.getattr_static(kind, key)
        if key in _SPECIAL:
            if getattr(object, key, None) is not getattr(kind, key):
                methods.append(key)
        elif key.startswith("_"):
            continue
        elif isinstance(value, (int, float, str)):
            constants[key] = value
        elif callable(value):
            methods.append(key)
        elif isinstance(value, property):
            attributes.add(key)
    return methods, constants, path in _SINGLE, sorted(attributes)


def _foreign(name: str) -> object:
    """What stands for an object of the machine's that no API function takes."""
    return type(name, (), {})()


class Stub:
    """A function of the firmware's; calling it has the machine run it.

    Args:
        number: the machine's for it.
        run: has the machine run it.
        module: tells the name of the module that defines it.
    """

    def __init__(
        self, number: int, run: Callable[[int, list[object]], object], module: Callable[[int], object]
    ) -> None:
        self.number = number
        self.__name__ = "function"
        self._run = run
        self._module = module

    @property
    def __globals__(self) -> dict[str, object]:
        """As much of a function's names as tells whose it is; between two stretches of the node's time only."""
        return {"__name__": self._module(self.number)}

    def __call__(self, *args: object) -> object:
        return self._run(self.number, list(args))


class Calls:
    """The API of one life.

    Args:
        machine: whose.
        run_callback: has the VM run one of its functions.
        module_of: tells the module of one of its functions.

    Attributes:
        forgotten: numbers of functions that nobody holds any more.
    """

    def __init__(
        self,
        machine: Machine,
        run_callback: Callable[[int, list[object]], object],
        module_of: Callable[[int], object],
    ) -> None:
        self.machine = machine
        self._module_of = module_of
        self.names = _modules_of(machine)
        self.modules = {name: _build(name, machine) for name in (*self.names, *_PARTLY)}
        self.forgotten: list[int] = []
        self._run_callback = run_callback
        self._stubs: weakref.WeakValueDictionary[int, Stub] = weakref.WeakValueDictionary()
        self._objects: dict[int, Any] = {}
        self._handles: dict[int, int] = {}
        self._last = 0
        self._closed: deque[int] = deque()
        #: By identity; of those in ``_objects``, which live as long.
        self.shown: dict[int, dict[str, Any]] = {}
        self._paths: dict[type, str] = {}
        for name, module in self.modules.items():
            for key, value in vars(module).items():
                if isinstance(value, type):
                    self._paths.setdefault(value, f"{name}.{key}")

    # --- calling ---------------------------------------------------------------------------------------------------

    def execute(self, value: list[Any], blob: bytes) -> tuple[Any, bytes]:
        """Make the call that a message asks for.

        Args:
            value: [name of a function, arguments] or [handle, name of a method, arguments], then keyword arguments.
            blob: bytes that the arguments mention.

        Returns:
            The encoded result and the bytes that it mentions.
        """
        if isinstance(value[0], int):
            target = getattr(self.object(value[0]), value[1])
            rest = value[2:]
            if value[1] == "close":
                self._note_closed(value[0])
        else:
            module, _, name = value[0].rpartition(".")
            target = vars(self.modules[module])[name]
            rest = value[1:]
        reader = _Reader(self, blob)
        args = [reader.decode(item) for item in rest[0]]
        kwargs = {key: reader.decode(item) for key, item in rest[1].items()} if len(rest) > 1 else {}
        result = target(*args, **kwargs)
        writer = _Writer(self)
        encoded = writer.encode(result)
        if reader.buffers:
            changed = [
                [index, writer.encode(bytes(buffer))]
                for index, (buffer, before) in enumerate(reader.buffers)
                if buffer != before
            ]
            encoded = [encoded, changed]
        return encoded, b"".join(writer.pieces)

    def encode(self, value: object) -> tuple[Any, bytes]:
        """A value as a message."""
        writer = _Writer(self)
        return writer.encode(value), b"".join(writer.pieces)

    def decode(self, value: Any, blob: bytes) -> Any:
        """The value of a message."""
        return _Reader(self, blob).decode(value)

    def object(self, handle: int) -> Any:
        """The object of a handle.

        Raises:
            OSError: EBADF, it was closed long ago.
        """
        try:
            return self._objects[handle]
        except KeyError:
            raise os_error("EBADF") from None

    def _note_closed(self, handle: int) -> None:
        """Forget what was closed some time ago: a node that serves clients for years makes many sockets."""
        self._closed.append(handle)
        if len(self._closed) > _MOST_CLOSED:
            value = self._objects.pop(self._closed.popleft(), None)
            self._handles.pop(id(value), None)
            self.shown.pop(id(value), None)  # its identity may be that of another one soon

    # --- objects and functions -------------------------------------------------------------------------------------

    def handle(self, value: Any) -> int:
        """The number by which the machine knows an object."""
        handle = self._handles.get(id(value))
        if handle is None:
            self._last += 1
            handle = self._handles[id(value)] = self._last
            self._objects[handle] = value
        return handle

    def show(self, value: Any) -> dict[str, Any]:
        """The message that names an object; kept, as the object is."""
        shown = self.shown[id(value)] = {"o": self.handle(value), "c": self.path(type(value))}
        return shown

    def single(self, value: Any) -> int:
        """The handle of an object that the machine holds for good; 0 if it holds no such."""
        shown = self.shown.get(id(value))
        return shown["o"] if shown is not None and shown["c"] in _SINGLE else 0

    def path(self, kind: type) -> str:
        """The name of a class, as ``machine.Pin``."""
        return self._paths.get(kind) or _path(kind)

    def stub(self, number: int) -> Stub:
        """What stands for a function of the machine's."""
        stub = self._stubs.get(number)
        if stub is None:
            while number in self.forgotten:
                self.forgotten.remove(number)
            stub = self._stubs[number] = Stub(number, self._run_callback, self._module_of)
            weakref.finalize(stub, self.forgotten.append, number)
        return stub


def _build(name: str, machine: Machine) -> ModuleType:
    host = registry.find_builtin(name) or registry.find_frozen(name, machine) or registry.find_extensible(name)
    assert host is not None, name
    return registry.build(name, host, machine)


class _Reader:
    """Decodes the values of one message."""

    def __init__(self, calls: Calls, blob: bytes) -> None:
        self._calls = calls
        self._blob = blob
        self._at = 0
        #: Buffers that the call may write, each with its content before.
        self.buffers: list[tuple[bytearray, bytes]] = []

    def _take(self, count: int) -> bytes:
        data = self._blob[self._at : self._at + count]
        self._at += count
        return data

    def decode(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.decode(item) for item in value]
        if not isinstance(value, dict):
            return value
        ((key, content),) = value.items()
        return getattr(self, "_" + key)(content)

    def _t(self, content: list[Any]) -> tuple[Any, ...]:
        return tuple(self.decode(item) for item in content)

    def _b(self, count: int) -> bytes:
        return self._take(count)

    def _B(self, count: int) -> bytearray:
        data = self._take(count)
        buffer = bytearray(data)
        self.buffers.append((buffer, data))
        return buffer

    def _o(self, handle: int) -> Any:
        return self._calls.object(handle)

    def _f(self, number: int) -> Stub:
        return self._calls.stub(number)

    def _s(self, parts: list[Any]) -> slice:
        return slice(*self._t(parts))

    def _r(self, text: str) -> float:
        return float(text)

    def _d(self, items: list[list[Any]]) -> dict[Any, Any]:
        return {self.decode(key): self.decode(item) for key, item in items}

    def _x(self, name: str) -> object:
        return _foreign(name)


class _Writer:
    """Encodes the values of one message."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self.pieces: list[bytes] = []

    def encode(self, value: Any) -> Any:
        kind = type(value)
        if kind in _PLAIN:
            return value
        known = self._calls.shown.get(id(value))
        if known is not None:
            return known
        encoder = _ENCODERS.get(kind)
        return encoder(self, value) if encoder is not None else self._other(kind, value)

    def _float(self, value: float) -> Any:
        return value if math.isfinite(value) else {"r": repr(value)}

    def _tuple(self, value: tuple[Any, ...]) -> Any:
        return {"t": self._list(value)}

    def _list(self, value: Iterable[Any]) -> Any:
        return [self.encode(item) for item in value]

    def _bytes(self, value: bytes | bytearray | memoryview) -> Any:
        self.pieces.append(bytes(value))
        return {"b": len(self.pieces[-1])}

    def _bytearray(self, value: bytearray) -> Any:
        self.pieces.append(bytes(value))
        return {"B": len(self.pieces[-1])}

    def _dict(self, value: dict[Any, Any]) -> Any:
        return {"d": [[self.encode(key), self.encode(item)] for key, item in value.items()]}

    def _stub(self, value: Stub) -> Any:
        return {"f": value.number}

    def _other(self, kind: type, value: Any) -> Any:
        if isinstance(value, AttrTuple):
            return {"n": list(value._names), "v": self._list(value)}
        if isinstance(value, bytes):
            return self._bytes(value)
        if isinstance(value, bytearray):
            return self._bytearray(value)
        if isinstance(value, (int, str)):
            return int(value) if isinstance(value, int) else str(value)  # of a subclass
        if kind.__module__.startswith(_API):
            return self._calls.show(value)
        if callable(value):
            return {"m": self._calls.handle(value)}
        raise NotImplementedError(f"a {kind.__name__} cannot be handed to the virtual machine")


_ENCODERS: dict[type, Callable[[_Writer, Any], Any]] = {
    float: _Writer._float,
    tuple: _Writer._tuple,
    list: _Writer._list,
    bytes: _Writer._bytes,
    bytearray: _Writer._bytearray,
    memoryview: _Writer._bytes,
    dict: _Writer._dict,
    Stub: _Writer._stub,
}
