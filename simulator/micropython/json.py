"""``json`` of MicroPython: its lenient parser and its formatting.

Source: extmod/modjson.c, py/objstr.c (mp_str_print_json), py/objdict.c (v1.28); cases compared with the VM.

Limits: floats are formatted as the host's doubles; bytes that are no UTF-8 can't be dumped (NotImplementedError);
objects without a ``__repr__`` of their own show without their address; a ``\\u`` escape must have hex digits.
"""

from __future__ import annotations

from typing import Any

from simulator.micropython._text import buffer_of, decoded, text_of
from simulator.micropython.errors import MicroOSError
from simulator.micropython.runtime import running

__all__ = ["dump", "dumps", "load", "loads"]

_CALL_US = 5
#: Bytes parsed or written per microsecond; ESP32 at 160 MHz does about 1 MB/s.
_BYTES_PER_US = 1
_SPACE = " \t\n\r"
#: The parser takes separators for blanks.
_SKIPPED = _SPACE + ",:"
_NUMBER = "0123456789.eE+-"
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS = {"n": ("null", None), "t": ("true", True), "f": ("false", False)}
_CONTROL = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_QUOTES = str.maketrans({**{chr(code): f"\\u{code:04x}" for code in range(32)}, **_CONTROL})


def dumps(obj: Any, /, *, separators: tuple[str, str] | None = None) -> str:
    """``obj`` as JSON text.

    Args:
        obj: what JSON has no form for comes out as its ``repr``.
        separators: (between items, after keys); (", ", ": ") if absent.

    Raises:
        ValueError: separators are not two.
        RuntimeError: it is nested too deeply, or holds itself.
    """
    machine = running()
    machine.cpu.charge(_CALL_US)
    try:
        text = _Writer(separators).text(obj)
    except RecursionError:
        raise RuntimeError("maximum recursion depth exceeded") from None
    machine.cpu.charge(len(text) // _BYTES_PER_US)
    return text


def dump(obj: Any, stream: Any, /, *, separators: tuple[str, str] | None = None) -> None:
    """Write ``obj`` as JSON text to a stream.

    Raises:
        OSError: ``stream`` is none.
    """
    write = getattr(stream, "write", None)
    if write is None:
        raise MicroOSError("stream operation not supported")
    write(dumps(obj, separators=separators))


def loads(str: Any, /) -> Any:
    """The object that JSON text stands for.

    Raises:
        ValueError: syntax error in JSON.
        UnicodeError: not UTF-8.
    """
    machine = running()
    machine.cpu.charge(_CALL_US)
    text = str if isinstance(str, _TEXT) else decoded(buffer_of(str))
    machine.cpu.charge(len(text) // _BYTES_PER_US)
    return _Parser(text).document()


def load(stream: Any, /) -> Any:
    """The object that the JSON text of a stream stands for; reads to its end.

    Raises:
        OSError: ``stream`` is none.
        ValueError: syntax error in JSON.
    """
    read = getattr(stream, "read", None)
    if read is None:
        raise MicroOSError("stream operation not supported")
    return loads(read())


_TEXT = str


class _Writer:
    """Turns objects into JSON text."""

    def __init__(self, separators: object) -> None:
        pair: Any = (", ", ": ") if separators is None else separators
        if len(pair) != 2:
            raise ValueError(f"requested length 2 but object has length {len(pair)}")
        self._item, self._key = text_of(pair[0]), text_of(pair[1])

    def text(self, obj: Any) -> str:
        if obj is None or obj is True or obj is False:
            return {None: "null", True: "true", False: "false"}[obj]
        if isinstance(obj, str):
            return f'"{obj.translate(_QUOTES)}"'
        if isinstance(obj, bytes):
            return f'"{_shown_bytes(obj).translate(_QUOTES)}"'
        if isinstance(obj, dict):
            items = [f"{self._key_text(key)}{self._key}{self.text(value)}" for key, value in obj.items()]
            return f"{{{self._item.join(items)}}}"
        if isinstance(obj, BaseException):
            obj = obj.args
        if isinstance(obj, list) or _is_plain_tuple(obj):
            return f"[{self._item.join([self.text(item) for item in obj])}]"
        return _shown(obj)

    def _key_text(self, key: Any) -> str:
        text = self.text(key)
        return text if isinstance(key, str | bytes) else f'"{text}"'


_TUPLE_FORM: Any = tuple.__repr__
_OBJECT_FORM: Any = object.__repr__


def _is_plain_tuple(obj: object) -> bool:
    return isinstance(obj, tuple) and type(obj).__repr__ is _TUPLE_FORM


def _shown_bytes(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise NotImplementedError("json.dumps of bytes that are not UTF-8") from None


def _shown(obj: Any) -> str:
    kind = type(obj)
    if kind is object:
        return "<object>"
    if isinstance(obj, type):
        return f"<class '{obj.__name__}'>"
    text = f"<{kind.__name__} object>" if kind.__repr__ is _OBJECT_FORM else repr(obj)
    if " at 0x" not in text and not text.startswith("<built-in"):
        return text
    return "<function>" if callable(obj) else f"<{kind.__name__}>"


class _Parser:
    """MicroPython's parser: commas and colons are blanks, any bracket closes any other.

    The result is built on an explicit stack, so depth costs no recursion.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._pos = 0
        self._end = len(text)
        self._stack: list[Any] = []
        self._keys: list[Any] = []

    def document(self) -> Any:
        """The one object in the text."""
        top = _NOTHING
        while True:
            kind = self._next()
            if kind in "]}":
                done = self._close()
                if not self._stack:
                    top = done
                    break
                continue
            value = {"[": list, "{": dict}[kind]() if kind in "[{" else self._scalar(kind)
            self._store(value)
            if kind in "[{":
                self._stack.append(value)
                self._keys.append(_NOTHING)
            elif not self._stack:
                top = value
                break
        if self._text[self._pos :].strip(_SPACE + "\v\f"):
            raise _syntax_error()
        return top

    def _next(self) -> str:
        text = self._text
        while self._pos < self._end and text[self._pos] in _SKIPPED:
            self._pos += 1
        if self._pos >= self._end:
            raise _syntax_error()
        self._pos += 1
        return text[self._pos - 1]

    def _close(self) -> Any:
        if not self._stack:
            raise _syntax_error()
        self._keys.pop()
        return self._stack.pop()

    def _store(self, value: Any) -> None:
        if not self._stack:
            return
        top = self._stack[-1]
        if isinstance(top, list):
            top.append(value)
        elif self._keys[-1] is _NOTHING:
            if isinstance(value, list | dict):
                raise _syntax_error()
            self._keys[-1] = value
        else:
            top[self._keys[-1]] = value
            self._keys[-1] = _NOTHING

    def _scalar(self, first: str) -> Any:
        if first == '"':
            return self._string()
        if first == "-" or first.isdigit():
            return self._number()
        word, value = _WORDS.get(first, ("", None))
        if not word or not self._text.startswith(word, self._pos - 1):
            raise _syntax_error()
        self._pos += len(word) - 1
        return value

    def _number(self) -> int | float:
        start = self._pos - 1
        while self._pos < self._end and self._text[self._pos] in _NUMBER:
            self._pos += 1
        word = self._text[start : self._pos]
        if any(char in word for char in ".eE"):
            return _float(word)
        digits = word.removeprefix("-")
        if not digits.isdigit():
            raise ValueError(f"invalid syntax for integer with base 10: '{digits}'")
        return int(word)

    def _string(self) -> str:
        parts: list[str] = []
        text = self._text
        while True:
            quote = text.find('"', self._pos)
            if quote < 0:
                raise _syntax_error()
            escape = text.find("\\", self._pos, quote)
            if escape < 0:
                parts.append(text[self._pos : quote])
                self._pos = quote + 1
                return "".join(parts)
            parts.append(text[self._pos : escape])
            self._pos = escape + 1
            parts.append(self._escape())

    def _escape(self) -> str:
        char = self._text[self._pos]
        self._pos += 1
        if char != "u":
            return _ESCAPES.get(char, char)
        digits = self._text[self._pos : self._pos + 4]
        if len(digits) < 4 or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
            raise _syntax_error()
        self._pos += 4
        return chr(int(digits, 16))


_NOTHING: Any = object()


def _float(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise ValueError("invalid syntax for number") from None


def _syntax_error() -> ValueError:
    return ValueError("syntax error in JSON")
