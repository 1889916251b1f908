"""What a program finds without importing anything."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from simulator.errors import NodeError, NodeHung
from simulator.world import World

if TYPE_CHECKING:
    from conftest import BareBoard


@pytest.mark.parametrize("name", ["breakpoint", "vars", "aiter", "ascii", "copyright", "FileNotFoundError", "Warning"])
def test_names_that_micropython_lacks_are_not_there(bare: BareBoard, name: str) -> None:
    assert bare.run(f"try:\n    {name}\nexcept NameError:\n    print('not there')") == "not there\n"


def test_oserror_is_micropythons(bare: BareBoard) -> None:
    printed = bare.run(
        dedent("""
        try:
            open("/nowhere")
        except OSError as e:
            print(type(e).__name__, e.errno, e.args, e, type(e) is OSError)
        """)
    )
    assert printed == "OSError 2 (2,) [Errno 2] ENOENT True\n"


@pytest.mark.parametrize(
    ("made", "text"),
    [
        pytest.param("OSError(110)", "110", marks=pytest.mark.engine("cpython", reason="errno-texts")),
        ("OSError(2)", "[Errno 2] ENOENT"),
        ("OSError(2, 'x')", "[Errno 2] ENOENT: x"),
        ("OSError(2, 'x', 'y')", "(2, 'x', 'y')"),
        ("OSError(999, 'x')", "(999, 'x')"),
        ("OSError('x')", "x"),
        ("OSError()", ""),
    ],
)
def test_oserror_text(bare: BareBoard, made: str, text: str) -> None:
    assert bare.run(f"print({made})") == text + "\n"


def test_print_takes_sep_end_and_file(bare: BareBoard) -> None:
    assert bare.run("import sys\nprint(1, 'a', sep='-', end='!')\nprint('b', file=sys.stdout)") == "1-a!b\n"


@pytest.mark.engine("cpython", reason="computing")
def test_exec_runs_in_the_callers_names_with_ticks(bare: BareBoard) -> None:
    printed = bare.run(
        dedent("""
        import machine
        x, flag = 1, []
        exec("x = x + 1")
        machine.Timer(0, mode=machine.Timer.ONE_SHOT, period=5, callback=lambda t: flag.append(1))
        exec("while not flag: pass")
        names = {}
        exec("import sys as s\\ny = 7", names)
        print(x, names["y"], names["s"].platform)
        """)
    )
    assert printed == "2 7 esp32\n"


@pytest.mark.engine("cpython", reason="engine-internals")
def test_change_of_builtins_stays_on_its_node(world: World) -> None:
    one, two = (world.add_node(name, firmware=False) for name in ("one", "two"))
    world.run_for(1)
    assert world.run_on(one, "__builtins__['len'] = lambda x: 99\nprint(len([]))") == "99\n"
    assert world.run_on(two, "print(len([]))") == "0\n"
    one.reset()
    world.run_for(1)
    assert world.run_on(one, "print(len([]))") == "0\n"
    assert len([]) == 0


def test_open_reaches_the_flash_only(bare: BareBoard) -> None:
    bare.node.install({"/a.txt": b"on flash"})
    assert bare.run("print(open('a.txt').read())") == "on flash\n"
    printed = bare.run("try:\n    open('../../../../etc/passwd')\nexcept OSError as e:\n    print(e)")
    assert printed == "[Errno 22] EINVAL\n"


# --- compile, exec, eval ----------------------------------------------------------------------------------------------


@pytest.mark.engine("cpython", reason="computing")
@pytest.mark.parametrize(
    "statement",
    [
        "exec(compile({!r}, 'x', 'exec'))",
        "exec(compile({!r}.encode(), 'x', 'exec'))",
        "eval(compile({!r}, 'x', 'single'))",
        "exec({!r}.encode())",
        "exec(bytearray({!r}.encode()))",
        "(lambda: exec({!r}))()",
        "list(map(exec, [{!r}]))",
    ],
)
def test_code_made_at_run_time_takes_virtual_time(bare: BareBoard, statement: str) -> None:
    loop = "for _ in range(10000): pass"
    printed = bare.run(
        f"import time\nbegun = time.ticks_us()\n{statement.format(loop)}\n"
        "print(time.ticks_diff(time.ticks_us(), begun) // 1000)"
    )
    assert printed == "30\n"  # 3 us per turn


@pytest.mark.engine("cpython", reason="computing")
@pytest.mark.parametrize("expression", ["any(False for _ in range(10000))", "[0 for _ in range(10000)] == 0"])
def test_expression_takes_virtual_time(bare: BareBoard, expression: str) -> None:
    for call in (expression, f"eval({expression!r})"):
        printed = bare.run(
            f"import time\nbegun = time.ticks_us()\nprint({call})\n"
            "print(time.ticks_diff(time.ticks_us(), begun) // 1000)"
        )
        assert printed == "False\n30\n"


@pytest.mark.engine("cpython", reason="computing")
@pytest.mark.parametrize(
    "source", ["any(False for _ in iter(int, 1))", "[0 for _ in iter(int, 1)]", "eval('[0 for _ in iter(int, 1)]')"]
)
def test_endless_comprehension_is_found_to_hang(source: str) -> None:
    with World(hang_s=0.1) as world:
        node = world.add_node(firmware=False)
        world.run_for(1)
        with pytest.raises(NodeHung, match=r"<stdin>:1|<string>:1"):
            world.run_on(node, source)


def test_single_prints_values_as_the_repl_does(bare: BareBoard) -> None:
    printed = bare.run(
        dedent("""
        for source in ("'a'", "None", "x = 5", "for n in (1, 2): n", "_ + 1", "def f(): 7"):
            exec(compile(source, "x", "single"))
        """)
    )
    assert printed == "'a'\n1\n2\n3\n"


def test_eval_sees_the_names_of_the_module_only_as_on_the_port(bare: BareBoard) -> None:
    printed = bare.run(
        dedent("""
        x = "global"
        def f():
            x = "local"
            return eval("x"), eval("x", {"x": "given"}), eval("x", {}, {"x": "given too"})
        class A:
            x = "of the class"
            y = eval("x")
        print(f(), A.y)
        """)
    )
    assert printed == "('global', 'given', 'given too') of the class\n"


@pytest.mark.engine("cpython", reason="engine-internals")
def test_exec_as_a_thread_runs_in_main_with_the_nodes_builtins(bare: BareBoard) -> None:
    printed = bare.run(
        dedent("""
        import _thread, time
        _thread.start_new_thread(exec, ("made = open.__name__, globals()['__name__']",))
        time.sleep_ms(5)
        try:
            open("/etc/passwd")
        except OSError as e:
            print(made[1], e)
        """)
    )
    assert printed == "__main__ [Errno 2] ENOENT\n"


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("compile('1', 'x', 'run')", "ValueError bad compile mode"),
        ("compile(1, 'x', 'exec')", "TypeError can't convert 'int' object to str implicitly"),
        ("exec(1)", "TypeError object with buffer protocol required"),
    ],
)
def test_wrong_arguments_raise_as_on_the_port(bare: BareBoard, call: str, text: str) -> None:
    assert bare.run(f"try:\n    {call}\nexcept Exception as e:\n    print(type(e).__name__, e)") == text + "\n"


def test_traceback_shows_the_name_that_compile_was_given(bare: BareBoard) -> None:
    with pytest.raises(NodeError, match='File "mine", line 2'):
        bare.run("exec(compile('x = 1\\n1 / 0', 'mine', 'exec'))")
