"""Reads Python literals of every kind: what `literals` loads for arguments that are not plain numbers. Cold."""

from literals import is_identifier
from micropython import const

MAX_DEPTH = 16
_MAX_NUMBER_LENGTH = const(40)
_BLANKS = const(' \t\r\n\x0b\x0c')
_DIGITS = const('0123456789')
_WORD = const('_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789')
_CONSTANTS = {'True': True, 'False': False, 'None': None}
_ESCAPES = {'n': '\n', 't': '\t', 'r': '\r', '\\': '\\', "'": "'", '"': '"',
            'a': '\x07', 'b': '\x08', 'f': '\x0c', 'v': '\x0b'}
_HEX = const('0123456789abcdefABCDEF')
_RADIX = {'x': (16, _HEX), 'o': (8, '01234567'), 'b': (2, '01')}
_CLOSING = {'[': ']', '(': ')', '{': '}'}
_INVALID = const('invalid syntax')


def parse(text):
    """Parse the argument part of a command; see `literals.parse_arguments`."""
    reader = _Reader(text)
    args, kwargs = [], {}
    while reader.skip_blanks():
        name = reader.keyword()
        if name is None:
            if kwargs:
                raise ValueError('positional argument follows keyword argument')
            args.append(reader.value(0))
        elif name in kwargs:
            raise ValueError('argument given twice: ' + name)
        else:
            kwargs[name] = reader.value(0)
        reader.end_of_argument()
    return args, kwargs


class _Reader:
    """A position in a text; each method reads one thing and moves on."""

    def __init__(self, text):
        self._text = text
        self._pos = 0

    def _peek(self):
        return self._text[self._pos:self._pos + 1]

    def _take(self, count=1):
        taken = self._text[self._pos:self._pos + count]
        self._pos += count
        return taken

    def _run(self, alphabet):
        start = self._pos
        while self._pos < len(self._text) and self._text[self._pos] in alphabet:
            self._pos += 1
        return self._text[start:self._pos]

    def skip_blanks(self):
        """Move to the next non-blank character; False at the end of the text."""
        self._run(_BLANKS)
        return self._pos < len(self._text)

    def keyword(self):
        """Read `name=` if it stands here, else stay and return None."""
        start = self._pos
        name = self._run(_WORD)
        if is_identifier(name) and name not in _CONSTANTS and self._peek() == '=':
            self._pos += 1
            if not self._peek() or self._peek() in '= ':
                raise ValueError(_INVALID)
            return name
        self._pos = start
        return None

    def end_of_argument(self):
        """Pass the blank or comma after an argument."""
        before = self._pos
        if not self.skip_blanks():
            return
        if self._peek() == ',':
            self._pos += 1
        elif self._pos == before:
            raise ValueError(_INVALID)

    def value(self, depth):
        """Read one literal; depth counts the brackets around it."""
        char = self._peek()
        if not char:
            raise ValueError(_INVALID)
        if char in '"\'':
            return self._string(False)
        if char in _CLOSING:
            if depth >= MAX_DEPTH:
                raise ValueError('brackets nested deeper than %d' % MAX_DEPTH)
            return self._bracket(depth + 1)
        if char in _DIGITS or char in '+-.':
            return self._number()
        return self._name()

    def _name(self):
        name = self._run(_WORD)
        if not name:
            raise ValueError(_INVALID)
        following = self._peek()
        if name in ('b', 'B') and following and following in '"\'':
            return self._string(True)
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        raise ValueError("name '%s' isn't defined" % name[:_MAX_NUMBER_LENGTH])

    def _number(self):
        sign = self._take() if self._peek() in '+-' else ''
        digits = self._run(_WORD + '.')
        if digits[-1:] in ('e', 'E') and digits[:2].lower() != '0x' and self._peek() in ('+', '-'):
            digits += self._take() + self._run(_DIGITS)
        if len(digits) > _MAX_NUMBER_LENGTH:
            raise ValueError('number longer than %d characters' % _MAX_NUMBER_LENGTH)
        number = _unsigned(digits)
        return -number if sign == '-' else number

    def _string(self, is_bytes):
        quote = self._take()
        pieces = []
        while True:
            start = self._pos
            while self._peek() and self._peek() != quote and self._peek() != '\\':
                self._pos += 1
            pieces.append(self._text[start:self._pos])
            char = self._take()
            if not char:
                raise ValueError('unterminated string')
            if char == quote:
                break
            pieces.append(self._escape(is_bytes))
        text = ''.join(pieces)
        return _to_bytes(text) if is_bytes else text

    def _escape(self, is_bytes):
        char = self._take()
        if not char:
            raise ValueError('unterminated string')
        if char in _ESCAPES:
            return _ESCAPES[char]
        if char == 'x':
            return self._code(self._take(2), 2, 16)
        if char in '01234567':
            digits = char
            while len(digits) < 3 and self._peek() and self._peek() in '01234567':
                digits += self._take()
            return self._code(digits, len(digits), 8)
        if char in 'uU' and not is_bytes:
            width = 4 if char == 'u' else 8
            return self._code(self._take(width), width, 16)
        return '\\' + char

    def _code(self, digits, width, radix):
        if len(digits) != width or not all(c in _HEX for c in digits):
            raise ValueError('invalid escape in string')
        code = int(digits, radix)
        if code > 0x10ffff or 0xd800 <= code <= 0xdfff:
            raise ValueError('invalid escape in string')
        return chr(code)

    def _bracket(self, depth):
        opening = self._take()
        closing = _CLOSING[opening]
        items, comma = [], True
        while True:
            if not self.skip_blanks():
                raise ValueError('missing ' + closing)
            if self._peek() == closing:
                self._pos += 1
                break
            if not comma:
                raise ValueError(_INVALID)
            items.append(self._pair(depth) if opening == '{' else self.value(depth))
            self.skip_blanks()
            comma = self._peek() == ','
            self._pos += comma
        return _container(opening, items, comma)

    def _pair(self, depth):
        key = self.value(depth)
        self.skip_blanks()
        if self._take() != ':':
            raise ValueError(_INVALID)
        self.skip_blanks()
        return key, self.value(depth)


def _container(opening, items, comma):
    """Make the list, tuple or dict of items; `(1)` without a comma is just 1."""
    if opening == '[':
        return items
    if opening == '(':
        return items[0] if len(items) == 1 and not comma else tuple(items)
    try:
        return dict(items)
    except TypeError:
        raise ValueError('dict key must be a number, a text or a tuple of them')


def _unsigned(digits):
    """Make an int or a float of the digits of a literal without its sign."""
    radix, alphabet = _RADIX.get(digits[1:2].lower(), (10, _DIGITS)) if digits[:1] == '0' else (10, _DIGITS)
    body = digits[2:] if radix != 10 else digits
    if body and all(c in alphabet for c in body):
        return int(body, radix)
    if radix == 10 and _is_float(digits.lower()):
        return float(digits)
    raise ValueError(_INVALID)


def _is_float(digits):
    mantissa, mark, exponent = digits.partition('e')
    whole, _, fraction = mantissa.partition('.')
    exponent = exponent[1:] if exponent[:1] in ('+', '-') else exponent
    return (bool(whole + fraction) and all(c in _DIGITS for c in whole + fraction)
            and bool(exponent) == bool(mark) and all(c in _DIGITS for c in exponent))


def _to_bytes(text):
    try:
        return bytes([ord(c) for c in text])
    except (ValueError, OverflowError):
        raise ValueError('bytes may only hold characters up to \\xff')
