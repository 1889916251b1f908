"""What can be called in a Load Module: its public functions and their parameters, each function one text:

    async fade to sec= * ms= **

`async` if it is so defined, the name, then the parameters: with `=` if there is a default. The `*` stands before
those that are given by name only; `*rest` takes further arguments, `**` further names. The parameter `msgobj` is
never listed: it is filled in by `Common.socket_stream`. Where these texts come from stands in `signature_scan`.
"""

import cold
from literals import is_identifier
from LogicalPins import find_module


def functions(module):
    """Return the public functions of a module.

    Args:
        module: str, name without `LM_`.

    Returns:
        list of str, as above, in order of definition; None for a `.mpy` that no index describes.

    Raises:
        ImportError: no such module; with MicroPython's text.
    """
    path = find_module('LM_' + module) if is_identifier(module) else None
    if path is None:
        raise ImportError("no module named 'LM_%s'" % module)
    return cold.load('signature_scan').functions(path, module)


def check_arguments(signature, args, kwargs):
    """Check arguments before a call, so that the error text is the same everywhere.

    Args:
        signature: str such as 'rgb r= *rest'.
        args: list of positional arguments.
        kwargs: dict of keyword arguments.

    Raises:
        TypeError: what is missing or too much.
    """
    names, required, most, takes_rest, takes_any = _plan(signature)
    if len(args) > most and not takes_rest:
        raise TypeError('too many arguments: %d given, %d allowed' % (len(args), most))
    filled = names[:min(len(args), most)]
    for name in kwargs:
        if name in filled:
            raise TypeError('argument given twice: ' + name)
        if name not in names and not takes_any:
            raise TypeError('unexpected argument: ' + name)
    for name in required:
        if name not in filled and name not in kwargs:
            raise TypeError('missing argument: ' + name)


def is_async(signature):
    """True if the function was defined with `async def`."""
    return signature.startswith('async ')


def name_of(signature):
    """Return the function name in a signature."""
    return signature.split()[is_async(signature)]


def _plan(signature):
    """Sort the parameters of a signature into what a check needs."""
    names, required, most, takes_rest, takes_any = [], [], -1, False, False
    for word in signature.split()[1 + is_async(signature):]:
        if word == '**':
            takes_any = True
        elif word[0] == '*':
            most, takes_rest = len(names), word != '*'
        else:
            names.append(word.rstrip('='))
            if word[-1] != '=':
                required.append(word)
    return names, required, len(names) if most < 0 else most, takes_rest, takes_any
