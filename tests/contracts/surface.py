"""What a program on a node sees of its modules: names, constants, and what wrong calls raise.

Source that runs on the node itself, on any engine, prints one line per name; the host compares two of such lists. So
what the stub contract (:mod:`tests.contracts.stubs`) says of one engine holds for another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

#: Runs on the node. NAMES: module -> names to look at besides those that ``dir`` gives; a machine's ``dir`` of a class
#: knows only names that some source has mentioned.
_LOOK = """
def _show(v):
    if v is None or isinstance(v, (bool, int, str, float, bytes)):
        return repr(v)
    if isinstance(v, (tuple, list, dict)):
        return type(v).__name__
    return 'class' if isinstance(v, type) else 'callable' if callable(v) else 'object'
def _look(owner, path, more):
    for k in more:
        hasattr(owner, k)
    for k in sorted(dir(owner)):
        if k[0] == '_' or not hasattr(owner, k):
            continue
        v = getattr(owner, k)
        print(path + '.' + k, _show(v))
        if isinstance(v, type) and '.' not in path:
            _look(v, path + '.' + k, more)
for _n in NAMES:
    _look(__import__(_n), _n, NAMES[_n])
"""
#: Runs on the node. CALLS: [[module, name, count of arguments], ...]; an argument is an object of no use.
_CALL = """
class _Useless:
    pass
def _raised(f, a, k):
    try:
        f(*a, **k)
        return 'nothing'
    except Exception as e:
        return type(e).__name__
for _m, _n, _c in CALLS:
    _f = __import__(_m)
    for _part in _n.split('.'):
        _f = getattr(_f, _part)
    for _k, _a, _w in (('many', 12, {}), ('keyword', _c, {'nosuch': 1}), ('few', _c - 1, {}), ('useless', _c, {})):
        if (_k != 'few' or _c) and (_k != 'useless' or _c):
            print(_m + '.' + _n + ':' + _k, _raised(_f, [_Useless()] * _a, _w))
"""


def look(run: Callable[[str], str], names: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """``module.name`` or ``module.Class.name`` -> value of a constant, or what else it is.

    Args:
        run: executes source on a node and returns what it printed.
        names: module -> names that may be there.
    """
    found: dict[str, str] = {}
    for module, more in names.items():
        text = run(_LOOK.replace("NAMES", repr({module: sorted(more)})))
        found |= dict(line.split(" ", 1) for line in text.splitlines())
    return found


def call_wrongly(run: Callable[[str], str], calls: Iterable[tuple[str, str, int]]) -> dict[str, str]:
    """``module.name:many`` and the like -> name of the exception that it raises.

    Args:
        run: executes source on a node and returns what it printed.
        calls: (module, name, how many arguments it must have).
    """
    raised: dict[str, str] = {}
    for module, name, count in calls:
        text = run(_CALL.replace("CALLS", repr([[module, name, count]])))
        lines = [line for line in text.splitlines() if line.startswith(f"{module}.{name}:")]  # some print
        raised |= dict(line.split(" ") for line in lines)
    return raised


def differences(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """What the second has otherwise: key -> ``missing``, ``extra``, or ``is …, not …``."""
    found = dict.fromkeys(one.keys() - other.keys(), "missing")
    found |= dict.fromkeys(other.keys() - one.keys(), "extra")
    found |= {key: f"is {other[key]}, not {one[key]}" for key in one.keys() & other.keys() if one[key] != other[key]}
    return dict(sorted(found.items()))
