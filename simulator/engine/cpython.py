"""L0: firmware under CPython, in virtual time.

A :class:`Life` is one run of a node from reset to reset. It has its own module table and ``__builtins__``;
modules are loaded from the node's flash by :class:`Importer`, which searches as the port does
(:mod:`simulator.micropython.registry`).

Theory of operation of the main thread (ports/esp32/main.c): ``boot.py``, then ``main.py``, then the REPL. SystemExit in
either is a soft reset; any other exception is printed and the REPL follows (:mod:`simulator.engine.repl_loop`).

Limits: ``.mpy`` files are for the VM rung and are refused here by name.
"""

from __future__ import annotations

import sys
import traceback
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

from greenlet import getcurrent

from simulator.engine import line_recorder
from simulator.engine.builtins import make_builtins
from simulator.engine.code import CodeStore, instrument, store
from simulator.engine.heap import Heap
from simulator.engine.repl_loop import ReplLoop
from simulator.engine.texts import exception_line, shown
from simulator.errors import NodeDead
from simulator.micropython import registry
from simulator.micropython.runtime import Machine, Thread

_IMPORT_US = 200
_PRINT_US = 20
#: Builtins by which a program does something; those of an ended life refuse.
_ACTING = ("__tick__", "__fits__", "__grows__", "__import__", "open", "print", "input", "exec")


def _refuse(*arguments: object, **named: object) -> None:
    """Stands for each of :data:`_ACTING` when the life has ended."""
    raise NodeDead


def _as_found(path: str) -> str:
    """A path as the port found it: the entry of ``sys.path`` for the root is empty."""
    return path[1:] if path.count("/") == 1 else path


class Importer:
    """``import`` of one life.

    Attributes:
        modules: the node's ``sys.modules``.
        ports: built-in modules that were imported, by their host module.
        path: the node's ``sys.path``.
    """

    def __init__(self, machine: Machine, codes: CodeStore) -> None:
        self.machine = machine
        self.modules: dict[str, ModuleType] = {}
        self.ports: dict[str, ModuleType] = {}
        self.path = ["", ".frozen", "/lib"]
        self.builtins: dict[str, Any] = {}
        self.heap = Heap(machine, self.modules)
        self._loading_us = 0
        self._codes = codes

    def __call__(
        self,
        name: str,
        globals: dict[str, Any] | None = None,
        locals: object = None,
        fromlist: tuple[str, ...] | None = None,
        level: int = 0,
    ) -> ModuleType:
        """``__import__``: returns the top package, or the module itself when names are taken from it."""
        if not level and not fromlist:
            module = self.modules.get(name)
            if module is not None and "." not in name:
                return module
        full = self._absolute(name, globals or {}, level)
        module = self._load_dotted(full)
        for item in fromlist or ():
            if item != "*" and not hasattr(module, item) and hasattr(module, "__path__"):
                self._load_dotted(f"{full}.{item}")
        return module if fromlist else self.modules[full.partition(".")[0]]

    @staticmethod
    def _absolute(name: str, globals: dict[str, Any], level: int) -> str:
        if not level:
            return name
        package = globals.get("__name__", "").split(".")
        keep = len(package) - level + (1 if "__path__" in globals else 0)
        if keep < 1:
            raise ImportError("can't perform relative import")
        return ".".join([*package[:keep], name] if name else package[:keep])

    def _load_dotted(self, full: str) -> ModuleType:
        parent: ModuleType | None = None
        for depth in range(1, full.count(".") + 2):
            name = ".".join(full.split(".")[:depth])
            module = self.modules.get(name)
            if module is None:
                module = self._load(name, parent)
                if parent is not None:
                    setattr(parent, name.rpartition(".")[2], module)
            parent = module
        assert parent is not None
        return parent

    def _load(self, name: str, parent: ModuleType | None) -> ModuleType:
        machine = self.machine
        machine.cpu.charge(_IMPORT_US)
        if parent is not None:
            module = self._from_directory(name, parent.__dict__.get("__path__"), name.rpartition(".")[2])
        else:
            module = self._top_level(name)
        if module is None:
            raise ImportError(f"no module named '{name}'")
        return module

    def _top_level(self, name: str) -> ModuleType | None:
        host = registry.find_builtin(name)
        if host is not None:
            return self._built(name, host)
        for entry in self.path:
            module = self._frozen(name) if entry == ".frozen" else self._from_directory(name, entry, name)
            if module is not None:
                return module
        host = registry.find_extensible(name)
        return self._built(name, host) if host else None

    def _built(self, name: str, host: str) -> ModuleType:
        """A module of the port; there is one of each, whatever it is called."""
        module = self.ports.get(host)
        if module is None:
            module = self.ports[host] = registry.build(host.rpartition(".")[2], host, self.machine)
        self.modules[name] = module
        return module

    def _frozen(self, name: str) -> ModuleType | None:
        host = registry.find_frozen(name, self.machine)
        if host is None:
            return None
        module = self.modules[name] = registry.build(name, host, self.machine)
        return module

    def _from_directory(self, name: str, directory: str | None, leaf: str) -> ModuleType | None:
        if directory is None:
            return None
        flash = self.machine.flash
        found = f"{directory}/{leaf}" if directory else leaf
        base = found if found.startswith("/") else "/" + found
        if flash.is_dir(base):
            return self._execute(name, f"{found}/__init__.py", package=found)
        if flash.exists(base + ".py"):
            return self._execute(name, found + ".py", package=None)
        if flash.exists(base + ".mpy"):
            raise ImportError(f"{base}.mpy: bytecode runs on the VM rung only; put {leaf}.py on this node")
        return None

    def _execute(self, name: str, path: str, *, package: str | None) -> ModuleType:
        module = ModuleType(name)
        namespace = vars(module)
        namespace.clear()
        namespace["__name__"] = name
        namespace["__file__"] = path
        namespace["__builtins__"] = self.builtins
        if package is not None:
            namespace["__path__"] = package
        self.modules[name] = module
        path = path if path.startswith("/") else "/" + path
        if package is not None and not self.machine.flash.exists(path):
            return module
        source = self.machine.flash.read(path)
        kernel = self.machine.kernel
        began_us = kernel.now - self._loading_us
        try:
            exec(self._codes.code(path, source), namespace)  # noqa: S102 - the node's own file
            own_us = kernel.now - self._loading_us - began_us
            self._loading_us += own_us
            self.heap.loaded(name, source, own_us)
        except BaseException:
            self.modules.pop(name, None)
            raise
        return module


class Life(ReplLoop):
    """One run of a node, from reset to reset.

    Args:
        machine: the silicon; gets a fresh processor.
        on_exit: called by the hub when the program asks for a soft reset by SystemExit.

    Attributes:
        main: the module ``__main__``.
    """

    def __init__(self, machine: Machine, *, on_exit: Callable[[], None]) -> None:
        super().__init__(machine)
        self._on_exit = on_exit
        self._codes = store()
        self.importer = Importer(machine, self._codes)
        self.importer.builtins = self._make_builtins()
        self.importer.modules["sys"] = self._make_sys()
        self.main = ModuleType("__main__")
        vars(self.main)["__builtins__"] = self.importer.builtins
        self.importer.modules["__main__"] = self.main
        machine.import_module = self.importer
        machine.free_heap = self.importer.heap.free_bytes
        machine.collect_heap = self.importer.heap.collect
        machine.check_heap = self.importer.heap.check
        machine.code_path = self._codes.flash_path
        machine.format_exception = self.format_exception
        machine.print_exception = self._print_exception
        machine.console.begin_life()
        machine.console.on_input = self.wake
        machine.cpu.spawn(self._program, name="main")

    def _make_builtins(self) -> dict[str, Any]:
        machine = self.machine
        names = make_builtins(
            tick=machine.cpu.tick,
            fits=self.importer.heap.fits,
            grows=self.importer.heap.grows,
            import_=self.importer,
            open_=self._open,
            print_=self._print,
            input_=self._input,
        )
        if line_recorder.active is not None:
            names[line_recorder.MARK] = line_recorder.active.mark
        return names

    def _make_sys(self) -> ModuleType:
        host = "simulator.micropython.sys"
        module = self.importer.ports[host] = registry.build("sys", host, self.machine)
        vars(module).update(modules=self.importer.modules, path=self.importer.path)
        return module

    def _open(self, file: str, mode: str = "r", buffering: int = -1, encoding: str | None = None) -> object:
        return self.machine.flash.open(file, mode, buffering, encoding)

    def _print(self, *values: object, sep: str = " ", end: str = "\n", file: Any = None) -> None:
        self.machine.cpu.charge(_PRINT_US)
        text = sep.join([str(shown(value)) for value in values]) + end
        if file is None:
            self.machine.console.write(text)
        else:
            file.write(text)

    def _input(self, prompt: str = "") -> str:
        self._print(prompt, end="")
        line = self.machine.console.read_line()
        thread = getcurrent()
        assert isinstance(thread, Thread)
        while line is None:
            thread.sleep_until(self.machine.kernel.now + 10_000)
            line = self.machine.console.read_line()
        return line

    def _print_exception(self, error: BaseException) -> None:
        self._print(self.format_exception(error), end="")

    def format_exception(self, error: BaseException) -> str:
        """An exception as the port prints it: the node's own frames if there are any, then type and text.

        Source: py/obj.c, mp_obj_print_exception.
        """
        lines = ["Traceback (most recent call last):\n"]
        for frame in traceback.extract_tb(error.__traceback__):
            path = self._codes.flash_path(frame.filename)
            if path is not None:
                lines.append(f'  File "{_as_found(path)}", line {frame.lineno}, in {frame.name}\n')
        if hasattr(error, "port_place"):
            path, line = error.port_place
            lines.append(f'  File "{_as_found(path)}", line {line}\n')
        try:
            last = exception_line(error, lambda code: self._codes.flash_path(code.co_filename) is not None)
        except NodeDead:
            raise
        except BaseException:  # noqa: BLE001 - the exception is the node's, and so is its __repr__
            last = f"{type(error).__name__}: <exception str() failed>"
        if len(lines) == 1 and not isinstance(error, SyntaxError):  # of which the port knows the line
            lines.clear()
        lines.append(last + "\n")
        return "".join(lines)

    def _program(self) -> None:
        try:
            for name in ("boot.py", "main.py"):
                if self.machine.flash.exists("/" + name):
                    self._run_file("/" + name)
            self.loop()
        except SystemExit:
            self.machine.cpu.dead = True
            self.machine.kernel.at(self.machine.kernel.now, self._on_exit)

    def _run_file(self, path: str) -> None:
        try:
            exec(self._codes.code(path, self.machine.flash.read(path)), vars(self.main))  # noqa: S102 - the node's own file
        except (SystemExit, NodeDead):
            raise
        except BaseException as error:  # noqa: BLE001 - the program's own failure: shown, then the port goes on
            self.machine.print_exception(error)

    def write(self, text: str) -> None:
        """Print text of the prompt's own, which takes as long as the program's."""
        self._print(text, end="")

    def execute_source(self, source: str, mode: str, *, shown: bool) -> None:
        """Execute source in ``__main__``; what it raises is printed if ``shown``, but for SystemExit."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                code = instrument(source, "<stdin>", mode)
            exec(code, vars(self.main))  # noqa: S102 - typed at the node's REPL
        except (SystemExit, NodeDead):
            raise
        except BaseException as error:
            if not shown:
                raise
            self.machine.print_exception(error)

    def spawn_source(self, source: str, done: Callable[[BaseException | None], None]) -> None:
        """Execute source in a thread of its own, beside the program."""
        cpu = self.machine.cpu

        def job() -> None:
            error: BaseException | None = None
            try:
                self.execute_source(source, "exec", shown=False)
            except NodeDead:
                raise
            except BaseException as raised:  # noqa: BLE001 - handed to whoever asked for the run
                error = raised
            if not cpu.dead:
                done(error)

        cpu.spawn(job, name="probe")

    def end(self) -> None:
        """Let go of all that this life held, after its processor has ended. Called by the hub only.

        What its suspended generators do meanwhile, or whenever the host collects them, finds the life dead.
        """
        for name in _ACTING:
            self.importer.builtins[name] = _refuse
        grave = Thread(self.machine.cpu, self._let_go, name="end", ident=0)
        grave.parent = getcurrent()
        hook, sys.unraisablehook = sys.unraisablehook, lambda unraisable: None
        try:
            grave.switch()
        finally:
            sys.unraisablehook = hook

    def _let_go(self) -> None:
        for module in (*self.importer.modules.values(), *self.importer.ports.values()):
            if isinstance(module, ModuleType):  # firmware may put anything into sys.modules
                vars(module).clear()
        self._jobs.clear()
