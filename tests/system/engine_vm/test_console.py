"""What a program prints on the virtual machine, and when."""

from __future__ import annotations

from typing import Any


def test_output_stands_where_it_was_printed(vm: Any) -> None:
    """The world writes to the same console: a callback's traceback and the thread's lines keep their order."""
    assert vm.lines("""
        import time
        from machine import Timer
        print('a')
        Timer(0).init(period=10, mode=0, callback=lambda t: print('tick'))
        print('b')
        time.sleep_ms(20)
        print('c', end='')
        time.sleep_ms(1)
        print('d')
    """) == ["a", "b", "tick", "cd"]


def test_output_is_seen_at_its_virtual_time(vm: Any) -> None:
    seen = []
    vm.node.console.listeners.append(lambda text: seen.append((round(vm.world.now_s - began_s, 1), text)))
    began_s = vm.world.now_s
    vm.run("""
        import time
        for i in range(3):
            print(i)
            time.sleep(1)
    """)
    assert [(at, text) for at, text in seen if text[:1].isdigit()] == [(0, "0\n"), (1, "1\n"), (2, "2\n")]


def test_200_kb_without_a_call_are_all_shown(vm: Any) -> None:
    text = vm.run("for i in range(2000):\n    print('%05d' % i, 'x' * 93)")
    assert text == "".join(f"{i:05d} {'x' * 93}\n" for i in range(2000))


def test_umlauts_are_whole_even_across_pieces(vm: Any) -> None:
    assert vm.run("for i in range(100):\n    print('ä€😀' * 200, end='')") == "ä€😀" * 20_000


def test_bytes_that_are_no_text_are_shown_as_replacements(vm: Any) -> None:
    assert vm.run("import sys\nn = sys.stdout.buffer.write(b'a\\xffb\\xc3\\n')") == "a\ufffdb\ufffd\n"


def test_typed_input_reaches_the_program(vm: Any) -> None:
    vm.later("x = input('name? ')\nprint('hello', x)")
    vm.world.run_for(1)
    vm.node.console.type("you")
    vm.world.run_for(1)
    assert "name? " in vm.text()
    assert "hello you\n" in vm.text()


def test_prompt_evaluates_what_is_typed(vm: Any) -> None:
    for text in ("1 + 1\r", "def f():\r  return 'x'\r\rf()\r"):
        for byte in text.encode():
            vm.node.console.put(byte)
        vm.world.run_for(1)
    assert ">>> 1 + 1\n2\n" in vm.text()
    assert "'x'\n>>> " in vm.text()


def test_typed_lines_are_read_from_stdin(vm: Any) -> None:
    vm.node.console.type("hello")
    assert vm.lines("import sys\nprint(repr(sys.stdin.readline()), repr(sys.stdin.read()))") == ["'hello\\n' ''"]


def test_program_with_a_name_that_is_no_text_fails_with_a_traceback(world: Any) -> None:
    node = world.add_node(
        "node01", firmware=False, files={"/boot.py": b"\xff\n", "/main.py": b"print('main')\n"}, engine="micropython"
    )
    world.run_for(2)
    assert "NameError: name '?' isn't defined\nmain\n" in node.console.text()
    assert node.boots == 1
