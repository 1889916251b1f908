"""What the main thread of a node does when its programs have ended: the REPL, for both engines.

Source given to :meth:`ReplLoop.run` is executed one after the other, in ``__main__``, and so is what is typed at a
second terminal (:mod:`simulator.engine.repl`). Ctrl-C from there interrupts whatever runs; at the prompt it is a
character.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from greenlet import getcurrent

from simulator.engine.repl import PROMPT, Repl
from simulator.errors import NodeDead
from simulator.kernel import Wait
from simulator.micropython._dupterm import CTRL_C
from simulator.micropython.port import VERSION
from simulator.micropython.runtime import Machine, Thread


class ReplLoop:
    """The prompt of one life; an engine says how source is executed.

    Args:
        machine: the silicon.

    Attributes:
        at_repl: the programs have ended and the REPL waits.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.at_repl = False
        self._jobs: list[Callable[[], None]] = []
        self._wait: Wait | None = None

    def execute_source(self, source: str, mode: str, *, shown: bool) -> None:
        """Execute source in ``__main__``, in the calling thread.

        Args:
            source: statements.
            mode: ``exec``, or ``single`` for what was typed.
            shown: what it raises is printed, but for SystemExit.
        """
        raise NotImplementedError

    def spawn_source(self, source: str, done: Callable[[BaseException | None], None]) -> None:
        """Execute source in a thread of its own; ``done`` as for :meth:`run`."""
        raise NotImplementedError

    def write(self, text: str) -> None:
        """Print text of the prompt's own."""
        self.machine.console.write(text)

    def loop(self) -> NoReturn:
        """Serve the prompt.

        Raises:
            SystemExit: a soft reset is asked for.
        """
        self.at_repl = True
        console = self.machine.console
        banner = f"MicroPython {VERSION}; {self.machine.board.machine_text}"
        self.write(f"{banner}\n{PROMPT}")
        repl = Repl(write=self.write, execute=self._statement, banner=banner)
        self.machine.state["kbd_intr"] = -1
        while True:
            while self._jobs:
                self._attended(self._jobs.pop(0))
            byte = console.get()
            if byte is None:
                self._rest()
            else:
                repl.feed(byte)

    def _rest(self) -> None:
        """Wait for a job or a typed byte."""
        thread = getcurrent()
        assert isinstance(thread, Thread)
        self._wait = Wait(thread)
        thread.wait(self._wait)

    def wake(self) -> None:
        """There is a job, or a byte was typed."""
        if self._wait is not None:
            self._wait.wake()

    def _attended(self, action: Callable[[], object]) -> None:
        """Run a program from the prompt: Ctrl-C interrupts it. Source: pyexec.c, parse_compile_execute."""
        state = self.machine.state
        state["kbd_intr"] = CTRL_C
        try:
            action()
        finally:
            state["kbd_intr"] = -1

    def _statement(self, source: str) -> None:
        """Execute what was typed; what it raises is printed."""
        self._attended(lambda: self.execute_source(source, "single", shown=True))

    def run(self, source: str, done: Callable[[BaseException | None], None]) -> None:
        """Execute source in ``__main__``: at the REPL if the node is there, else in a thread of its own.

        Args:
            source: statements.
            done: called with None, or with what the source raised.
        """
        if not self.at_repl:
            self.spawn_source(source, done)
            return
        cpu = self.machine.cpu

        def job() -> None:
            error: BaseException | None = None
            try:
                self.execute_source(source, "exec", shown=False)
            except (NodeDead, SystemExit):
                raise
            except BaseException as raised:  # noqa: BLE001 - handed to whoever asked for the run
                error = raised
            if not cpu.dead:
                done(error)

        self._jobs.append(job)
        self.wake()
