"""Errors of the simulator.

::

    SimulatorError
     +-- UsageError (ValueError)      you called it wrong
     +-- StateError                   right call, wrong moment (a node that is off, a port in use)
     |    +-- OutsideNode             a MicroPython module was used where no node runs
     +-- CompileError (ValueError)    MicroPython's compiler does not take a source
     +-- NoCompiler                   there is no compiler that can be used
     +-- FaultNeverFired (AssertionError)  a fault was started and never had an effect
     +-- WaitTimeout                  the awaited thing did not happen within its virtual time
     +-- NodeFailed                   the node's side failed
     |    +-- NodeHung                a thread ran on without ever waiting
     |    +-- NodeError               code run on a node raised
    NodeDead (GeneratorExit)          unwinds the threads of a life that has ended
"""

from __future__ import annotations


class SimulatorError(Exception):
    """Base of what the simulator raises at its users."""


class UsageError(SimulatorError, ValueError):
    """An argument is not what the call takes; the text names it."""


class StateError(SimulatorError):
    """The call is right but not now."""


class OutsideNode(StateError, GeneratorExit):
    """A MicroPython module was used outside of code that a node runs.

    It is a GeneratorExit too, so that a suspended generator of a node whose ``finally`` the host's collector runs ends
    quietly there: MicroPython never runs it at all.
    """


class CompileError(SimulatorError, ValueError):
    """A source is not what MicroPython takes.

    Attributes:
        path: of the source on the board.
        line: number of the faulty line, from 1; None if the compiler names none.
        text: what the compiler says, such as `SyntaxError: invalid syntax`.
    """

    def __init__(self, path: str, line: int | None, text: str) -> None:
        super().__init__(f"{path}:{line or '?'}: {text}")
        self.path = path
        self.line = line
        self.text = text


class NoCompiler(SimulatorError):
    """MicroPython's compiler is not installed or cannot be used; the text says what installs it."""


class WaitTimeout(SimulatorError):
    """A predicate stayed false for the given virtual time."""


class FaultNeverFired(SimulatorError, AssertionError):
    """A fault of the LAN was started and never struck: the test has not tested what it claims."""


class NodeFailed(SimulatorError):
    """Something went wrong on the node's side.

    Attributes:
        node: name of the node.
    """

    def __init__(self, node: str, text: str) -> None:
        super().__init__(text)
        self.node = node


class NodeHung(NodeFailed):
    """A thread of a node ran for longer than the limit without waiting once.

    Attributes:
        node: name of the node.
        thread: name of the thread.
        ran_us: virtual microseconds since its last wait.
        stack: the node's own frames, outermost first, as "file:line in function" texts.
    """

    def __init__(self, node: str, thread: str, *, ran_us: int, stack: list[str]) -> None:
        self.thread = thread
        self.ran_us = ran_us
        self.stack = stack
        where = stack[-1] if stack else "unknown place"
        super().__init__(
            node, f"{node}: thread {thread!r} ran {ran_us / 1e6:.1f} s of virtual time without waiting, at {where}"
        )


class NodeError(NodeFailed):
    """Code that a test ran on a node raised; the node's traceback is in the text."""


class NodeDead(GeneratorExit):
    """Ends every thread of a life that is over.

    It is no Exception, and raised anew by each call and each loop turn of the dead life, so that neither
    ``except Exception:`` nor a bare ``except:`` nor a ``finally:`` of the firmware can go on working. It is a
    GeneratorExit so that a generator that is closed after its life has ended may raise it.
    """
