"""Finds the functions of Load Modules, and the modules. Cold.

The functions come from `functions.idx`, which the build writes beside the modules, so that `help` and argument
errors read the same for `.py` and `.mpy`. One line per module, fields separated by tabs:

    rgb<TAB>1a2b3c4d,5e6f7081<TAB>load_n_init(cache=None)<TAB>async fade(to, sec=1)

module, CRC-32 (hex) of each file that the line describes, then the functions. A `.py` file with
another CRC is scanned instead, without importing it.
"""

import binascii
import sys

import hal
from micropython import const

_INDEX = const('functions.idx')
_HIDDEN = const('msgobj')
_QUOTES = const(('"""', "'''"))
_CHUNK = const(512)
_MAX_HEADER = const(2000)      # characters of one def header; more is no Python


def functions(path, module):
    """Return the functions of the module in a file; see `signatures.functions`."""
    listed = headers(path, module)
    return None if listed is None else [shortened(header) for header in listed]


def headers(path, module):
    """Return what stands behind the `def` of each public function in a file; None for a `.mpy` without an index."""
    listed = _from_index(path, module)
    if listed is None and path.endswith('.py'):
        with open(path) as source:
            listed = scan(source)
    return listed


def name_of(header):
    """Return the function's name in a header."""
    return header[:header.index('(')].split()[-1]


def shortened(header):
    """Return what a call needs of a function, as `signatures` describes it.

    Args:
        header: str such as `async fade(to, sec=1, **more)`.
    """
    words = [header[:header.index('(')]]
    for param in _parameters(header):
        name, equals, _default = param.partition('=')
        words.append('**' if name[:2] == '**' else name + equals)
    return ' '.join(words)


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
        previous = '' if previous == '\\' else char


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
        with open((folder + '/' if folder else '') + _INDEX) as index:
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
