"""Cold modules of the firmware: loaded when they are needed, gone afterwards."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_COLD = "micrOS/source/cold.py"
_TEST = "tests/unit/micrOS/test_cold.py"
_FAST = f"{_TEST}::test_arguments_read_at_once_are_those_that_the_reader_gives"

MUTANTS = (
    Mutant(
        name="cold-module-stays",
        file=_COLD,
        old="        drop(module)\n    return module\n",
        new="    return module\n",
        tests=(f"{_TEST}::test_node_that_has_done_this_and_that_holds_its_core_and_nothing_else",),
    ),
    Mutant(
        name="cold-module-is-seen-half-imported",
        file=_COLD,
        old="    with _lock:     # a second",
        new="    if True:     # a second",
        tests=(f"{_TEST}::test_threads_that_load_at_once_wait_for_each_other",),
    ),
    Mutant(
        name="what-a-cold-module-imports-stays",
        file=_COLD,
        old="    for name in (module.__name__,) + getattr(module, 'COLD', ()):\n",
        new="    for name in (module.__name__,):\n",
        tests=(f"{_TEST}::test_what_a_cold_module_imports_goes_with_it",),
    ),
    Mutant(
        name="quote-inside-a-text-is-overlooked",
        file="micrOS/source/literals.py",
        old="None if quote in text or ",
        new="None if ",
        tests=(_FAST,),
    ),
    Mutant(
        name="escape-is-taken-as-it-stands",
        file="micrOS/source/literals.py",
        old="None if quote in text or '\\\\' in text else",
        new="None if quote in text else",
        tests=(_FAST,),
    ),
    Mutant(
        name="later-positional-argument-is-taken",
        file="micrOS/source/literals.py",
        old=" or kwargs and not name:\n",
        new=":\n",
        tests=(_FAST,),
    ),
)
