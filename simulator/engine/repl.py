"""The interactive prompt of a node: what is typed becomes statements.

Source: shared/readline/readline.c, shared/runtime/pyexec.c, py/repl.c (v1.28).

Limits: no history, cursor keys, completion or automatic indentation; no raw REPL (Ctrl-A) and no paste mode (Ctrl-E),
which say so; a line ends at 1000 characters, a statement at 20 000, and more is not taken. Whether a statement is
complete is CPython's judgement (:mod:`codeop`).
"""

from __future__ import annotations

from collections.abc import Callable

_LINE_MAX = 1_000
_STATEMENT_MAX = 20_000
_CTRL_A, _CTRL_B, _CTRL_C, _CTRL_D, _CTRL_E = range(1, 6)
_BACKSPACE, _RETURN, _ESCAPE, _DELETE = 8, 13, 27, 127
PROMPT = ">>> "
_PROMPT_MORE = "... "
_NO_MODE = {_CTRL_A: "raw REPL is not modelled\n", _CTRL_E: "paste mode is not modelled\n"}


class Repl:
    """Takes typed bytes, shows them, and has complete statements executed.

    Args:
        write: prints text.
        execute: runs the source of a statement and prints what it raises.
        banner: what Ctrl-B shows.
    """

    def __init__(self, *, write: Callable[[str], object], execute: Callable[[str], object], banner: str) -> None:
        self._write = write
        self._execute = execute
        self._banner = banner
        self._line = ""
        self._lines: list[str] = []
        self._escaped = ""

    def feed(self, byte: int) -> None:
        """Take one byte.

        Raises:
            SystemExit: Ctrl-D at an empty prompt, which asks for a soft reset.
        """
        if self._escaped:
            self._skip(byte)
        elif byte == _ESCAPE:
            self._escaped = chr(byte)
        elif 32 <= byte < _DELETE:
            self._add(chr(byte))
        elif byte == _RETURN:
            self._end_line()
        elif byte in (_BACKSPACE, _DELETE):
            self._erase()
        elif byte <= _CTRL_E:
            self._control(byte)

    def _skip(self, byte: int) -> None:
        """A terminal's key sequence: ESC, a bracket or O, parameters, a letter."""
        self._escaped = (self._escaped + chr(byte))[:3]
        if len(self._escaped) > 2 and not 0x20 <= byte < 0x40 or self._escaped[1] not in "[O":
            self._escaped = ""

    def _add(self, char: str) -> None:
        if len(self._line) < _LINE_MAX:
            self._line += char
            self._write(char)

    def _erase(self) -> None:
        if self._line:
            self._line = self._line[:-1]
            self._write("\b\x1b[K")

    def _control(self, byte: int) -> None:
        if byte == _CTRL_C:
            self._restart("\n")
        elif self._line:
            return
        elif byte == _CTRL_D and self._lines:
            self._write("\n")
            self._finish()
        elif byte == _CTRL_D:
            self._write("\n")
            raise SystemExit
        elif byte == _CTRL_B:
            self._restart(f"\n{self._banner}\n")
        elif byte in _NO_MODE:
            self._restart(_NO_MODE[byte])

    def _restart(self, text: str) -> None:
        self._line = ""
        self._lines.clear()
        self._write(text + PROMPT)

    def _end_line(self) -> None:
        self._lines.append(self._line)
        self._line = ""
        self._write("\n")
        if _needs_more("\n".join(self._lines)):
            self._write(_PROMPT_MORE)
        else:
            self._finish()

    def _finish(self) -> None:
        source = "\n".join(self._lines)
        self._lines.clear()
        if source.strip():
            self._execute(source + "\n")
        self._write(PROMPT)


def _needs_more(source: str) -> bool:
    """Whether a statement goes on in the next line."""
    import codeop  # slow to import, and few nodes are typed at

    if len(source) > _STATEMENT_MAX:
        return False
    try:
        return bool(source.strip()) and codeop.compile_command(source, "<stdin>", "single") is None
    except (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError):
        return False
