"""What can be called in a Load Module: its public functions and their parameters.

They come from `functions.idx`, which the build writes beside the modules, so that `help` and argument
errors read the same for `.py` and `.mpy`. One line per module, fields separated by tabs:

    rgb<TAB>1a2b3c4d,5e6f7081<TAB>load_n_init(cache=None)<TAB>async fade(to, sec=1)

module, CRC-32 (hex) of each file that the line describes, then the functions. A `.py` file with
another CRC is scanned instead, without importing it. The parameter `msgobj` is never listed: it is
filled in by `Common.socket_stream`.
"""

import binascii
import sys

import hal
from literals import is_identifier
from LogicalPins import find_module

INDEX = 'functions.idx'
_HIDDEN = 'msgobj'
_QUOTES = ('"""', "'''")
_CHUNK = 512
_MAX_HEADER = 2000      # characters of one def header; more is no Python


def functions(module):
    """Return the public functions of a module.

    Args:
        module: str, name without `LM_`.

    Returns:
        list of str: signatures such as `rgb(r=None, g=None)`, in order of definition; None for a
        `.mpy` that no index describes.

    Raises:
        ImportError: no such module; with MicroPython's text.
    """
    path = find_module('LM_' + module) if is_identifier(module) else None
    if path is None:
        raise ImportError("no module named 'LM_%s'" % module)
    listed = _from_index(path, module)
    if listed is None and path.endswith('.py'):
        with open(path) as source:
            listed = scan(source)
    return listed


def modules():
    """Return the sorted names, without `LM_`, of all Load Modules on the node."""
    names = []
    for folder in sys.path:
        for file in hal.list_folder(folder):
            name, _, extension = file.partition('.')
            if name.startswith('LM_') and extension in ('py', 'mpy') and name[3:] not in names:
                names.append(name[3:])
    return sorted(names)


def scan(source):
    """Find the public top-level functions in a Python source.

    Args:
        source: iterable of lines.

    Returns:
        list of str: signatures in order of definition.
    """
    found, header, docstring = [], '', None
    for line in source:
        if docstring:
            if line.count(docstring) % 2:
                docstring = None
        elif header or line.startswith('def ') or line.startswith('async def '):
            header += line
            params = _parameters(header)
            if params is not None:
                _add(found, header, params)
                header = ''
            elif len(header) > _MAX_HEADER:
                header = ''
        else:
            docstring = next((quote for quote in _QUOTES if line.count(quote) % 2), None)
    return found


def check_arguments(signature, args, kwargs):
    """Check arguments before a call, so that the error text is the same everywhere.

    Args:
        signature: str such as 'rgb(r=None, *rest)'.
        args: list of positional arguments.
        kwargs: dict of keyword arguments.

    Raises:
        TypeError: what is missing or too much.
    """
    positional, required, named, takes_rest, takes_any = _plan(signature)
    if len(args) > len(positional) and not takes_rest:
        raise TypeError('too many arguments: %d given, %d allowed' % (len(args), len(positional)))
    filled = positional[:len(args)]
    for name in kwargs:
        if name in filled:
            raise TypeError('argument given twice: ' + name)
        if name not in positional and name not in named and not takes_any:
            raise TypeError('unexpected argument: ' + name)
    for name in required:
        if name not in filled and name not in kwargs:
            raise TypeError('missing argument: ' + name)


def is_async(signature):
    """True if the function was defined with `async def`."""
    return signature.startswith('async ')


def _plan(signature):
    """Sort the parameters of a signature into the groups that a call needs."""
    positional, required, named = [], [], []
    takes_rest = takes_any = False
    group = positional
    for param in _parameters(signature):
        if param.startswith('**'):
            takes_any = True
        elif param.startswith('*'):
            takes_rest = takes_rest or param != '*'
            group = named
        else:
            name, _, default = param.partition('=')
            group.append(name)
            if not default:
                required.append(name)
    return positional, required, named, takes_rest, takes_any


def name_of(signature):
    """Return the function name in a signature."""
    return signature[:signature.index('(')].split()[-1]


def _add(found, header, params):
    prefix = 'async ' if header.startswith('async') else ''
    name = name_of(header)
    if not name.startswith('_'):
        text = '%s%s(%s)' % (prefix, name, ', '.join(params))
        names = [name_of(other) for other in found]
        if name in names:
            found[names.index(name)] = text     # defined anew: the last one counts
        else:
            found.append(text)


def _parameters(header):
    """Split the parameter list of a def header or a signature.

    Returns:
        list of str such as `a`, `b=1`, `*rest`, without annotations; None if the list is not closed.
    """
    params, text = [], ''
    for char, depth in _nesting(header):
        if depth == 0:
            _append(params, text)
            return params
        if char == ',' and depth == 1:
            _append(params, text)
            text = ''
        else:
            text += char
    return None


def _nesting(header):
    """Yield (character, depth of brackets) from after the first bracket to where it closes.

    Comments are left out. Quoted characters count as one level deeper.
    """
    depth, quote, previous, in_comment = 1, '', '', False
    for char in header[header.find('(') + 1:] if '(' in header else '':
        if in_comment or (char == '#' and not quote):
            in_comment = char != '\n'
            continue
        if quote:
            yield char, depth + 1
            quote = '' if char == quote and previous != '\\' else quote
        elif char in '"\'':
            quote = char
            yield char, depth + 1
        else:
            depth += (char in '([{') - (char in ')]}')
            yield char, depth
        previous = char


def _append(params, text):
    """Add one parameter in its canonical form, `name` or `name=default`."""
    before, equals, default = text.partition('=')
    name = before.partition(':')[0].strip()
    if name and name not in ('/', _HIDDEN):
        params.append(name + equals + ' '.join(default.split()))


def _from_index(path, module):
    """Return the functions that the index lists for this very file, or None."""
    folder = path.rpartition('/')[0]
    try:
        with open((folder + '/' if folder else '') + INDEX) as index:
            for line in index:
                fields = line.rstrip('\n').split('\t')
                if fields[0] == module:
                    return fields[2:] if _crc(path) in fields[1].split(',') else None
    except OSError:
        pass     # no index: every module is scanned
    return None


def _crc(path):
    crc = 0
    with open(path, 'rb') as file:
        while True:
            chunk = file.read(_CHUNK)
            if not chunk:
                return '%08x' % (crc & 0xffffffff)
            crc = binascii.crc32(chunk, crc)
