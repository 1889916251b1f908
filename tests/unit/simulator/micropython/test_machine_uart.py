"""machine.UART on a bare board, against a port at the other end of the line."""

import pytest

from simulator.electrical.frame import Format
from simulator.electrical.uart import UartPort
from simulator.errors import NodeError

UART = "from machine import Pin, UART\nimport time\nu = UART({})\n"
PINS = "tx=12, rx=13"


def far_end(bare, tx=12, rx=13, **options):
    """A port at the other end of the chip's pins, and what it hears."""
    pads, heard = bare.machine.parts["pads"], bytearray()
    port = UartPort("far end", rx=pads.net(tx), tx=pads.net(rx), on_bytes=heard.extend, **options)
    return port, heard


def run(bare, arguments, source):
    return bare.run(UART.format(arguments) + source)


def test_bytes_go_out_in_their_time_while_the_program_goes_on(bare):
    _, heard = far_end(bare)
    began = bare.world.kernel.now
    source = "a = time.ticks_us()\nprint(u.write(b'hello'), u.txdone(), time.ticks_diff(time.ticks_us(), a) < 100)\n"
    assert run(bare, f"1, 9600, {PINS}", source) == "5 False True\n"
    assert bare.run("u.flush()\nprint(u.txdone())") == "True\n"
    assert heard == b"hello"
    net = bare.machine.parts["pads"].net(12)
    assert net.frames[-1].end_us - net.frames[0].start_us == 5209 and net.frames[0].start_us >= began


def test_bytes_come_in_and_are_counted(bare):
    port, _ = far_end(bare)
    run(bare, f"1, 9600, {PINS}", "")
    port.send(b"abc\r\ndef")
    source = "time.sleep_ms(20)\nprint(u.any(), u.read(2), u.readline(), u.read(), u.read(), u.read(0), u.any())"
    assert bare.run(source) == "8 b'ab' b'c\\r\\n' b'def' None b'' 0\n"


def test_readinto_and_short_reads(bare):
    port, _ = far_end(bare)
    run(bare, f"2, 9600, {PINS}", "b = bytearray(4)\nprint(u.readinto(b), u.readline(), u.readinto(bytearray()))")
    port.send(b"abcdefg")
    source = "time.sleep_ms(20)\nprint(u.readinto(b), bytes(b), u.readinto(b, 2), b, u.readline(), u.readinto(b))"
    assert bare.run(source) == "4 b'abcd' 2 bytearray(b'efcd') b'g' None\n"


def test_it_is_a_stream_of_lines(bare):
    port, _ = far_end(bare)
    run(bare, f"1, 9600, {PINS}", "")
    port.send(b"one\ntwo\nthr")
    assert bare.run("time.sleep_ms(20)\nprint([line for line in u])") == "[b'one\\n', b'two\\n', b'thr']\n"
    port.send(b"longer than five")
    assert bare.run("time.sleep_ms(20)\nprint(u.readline(5))") == "b'longe'\n"


def test_read_waits_for_the_first_byte_and_between_bytes(bare):
    port, _ = far_end(bare)
    run(bare, f"1, 9600, timeout=100, timeout_char=30, {PINS}", "")
    kernel = bare.world.kernel
    for after_ms, data in ((50, b"ab"), (70, b"c"), (150, b"d")):
        kernel.after(after_ms * 1000, lambda data=data: port.send(data))
    source = "a = time.ticks_ms()\nr = u.read(10)\nprint(r, 80 <= time.ticks_diff(time.ticks_ms(), a) <= 130)"
    assert bare.run(source) == "b'abc' True\n"


@pytest.mark.parametrize(("timeout", "least", "most"), [(0, 0, 1), (9, 0, 1), (25, 10, 21), (200, 190, 201)])
def test_time_outs_are_counted_in_ticks_of_ten_milliseconds(bare, timeout, least, most):
    source = f"a = time.ticks_ms()\nr = u.read(1)\nprint(r, {least} <= time.ticks_diff(time.ticks_ms(), a) <= {most})"
    assert run(bare, f"1, timeout={timeout}, {PINS}", source) == "None True\n"


def test_other_threads_run_while_a_read_waits(bare):
    source = (
        "import _thread\nseen = []\n"
        "def other():\n    for i in range(5):\n        seen.append(i)\n        time.sleep_ms(10)\n"
        "_thread.start_new_thread(other, ())\nu.read(1)\nprint(len(seen))"
    )
    assert run(bare, f"1, timeout=100, {PINS}", source) == "5\n"


def test_write_waits_while_the_buffer_is_full(bare):
    # 256 in the buffer, 128 in the FIFO: a write of 484 bytes waits for about 100 of them at 9600 baud.
    source = "a = time.ticks_ms()\nu.write(bytes(484))\nprint(100 <= time.ticks_diff(time.ticks_ms(), a) <= 106)"
    assert run(bare, f"1, 9600, {PINS}", source) == "True\n"


def test_write_takes_part_of_a_buffer(bare):
    _, heard = far_end(bare)
    source = "print(u.write('text'), u.write(b'abcdef', 2), u.write(b'abcdef', 1, 3), u.write(b''))\nu.flush()"
    assert run(bare, f"1, 9600, {PINS}", source) == "4 2 3 0\n"
    assert heard == b"textabbcd"


def test_receive_buffer_that_is_full_loses_bytes(bare):
    port, _ = far_end(bare)
    run(bare, f"1, 9600, rxbuf=200, {PINS}", "")
    port.send(bytes(number % 251 for number in range(600)))
    # 200 in the buffer, one aside; of the other 399 the FIFO threw away 128 each time that it ran over.
    source = (
        "time.sleep(1)\nr = u.read()\nwhile u.any():\n    r += u.read()\nprint(len(r), r[:201] == bytes(range(201)))"
    )
    assert bare.run(source) == "216 True\n"
    port.send(b"after")
    result = bare.run("time.sleep_ms(20)\nprint(u.read()[-5:])")
    assert result == "b'after'\n"


def test_bytes_come_in_pieces_when_a_time_between_them_is_set(bare):
    # timeout_char 20 ms at 9600 baud: the interrupt comes after 10 characters of silence, or when 120 have come.
    port, _ = far_end(bare)
    run(bare, f"1, 9600, timeout_char=20, {PINS}", "")
    port.send(bytes(130))
    assert bare.run("time.sleep_ms(120)\nprint(u.any())\ntime.sleep_ms(10)\nprint(u.any())") == "0\n120\n"
    assert bare.run("time.sleep_ms(30)\nprint(u.any())") == "130\n"


def test_another_rate_is_received_as_garbage(bare):
    port, _ = far_end(bare, format=Format(9600))
    run(bare, f"1, 19200, {PINS}", "")
    port.send(b"\x55")
    assert bare.run("time.sleep_ms(20)\nprint(u.read())") == "b'f\\xe6'\n"


def test_formats_meet(bare):
    port, heard = far_end(bare, format=Format(4800, bits=7, parity=0, stop=2))
    run(bare, f"1, 4800, 7, 0, 2, {PINS}", "u.write(b'ok')")
    port.send(b"yes")
    assert bare.run("time.sleep_ms(20)\nprint(u.read())") == "b'yes'\n"
    assert (heard, port.errors) == (b"ok", 0)


def test_inverted_lines(bare):
    port, heard = far_end(bare, format=Format(9600, is_inverted=True))
    run(bare, f"1, 9600, invert=UART.INV_TX | UART.INV_RX, {PINS}", "u.write(b'in')")
    assert bare.machine.parts["pads"].net(12).level() == 0
    port.send(b"out")
    assert bare.run("time.sleep_ms(20)\nprint(u.read())") == "b'out'\n"
    assert heard == b"in"


def test_break_goes_out_and_comes_in(bare):
    port, heard = far_end(bare)
    run(bare, f"1, 9600, {PINS}", "u.write(b'a')\nu.sendbreak()\nu.write(b'b')\nu.flush()")
    assert (bytes(heard), port.breaks) == (b"ab", 1)
    bare.run("u.irq(lambda u: print('break', u.irq().flags()), UART.IRQ_BREAK)")
    port.send_break()
    assert bare.run("time.sleep_ms(20)\nprint(u.read())") == "break 2\nb'\\x00'\n"


def test_interrupts_on_bytes_and_on_silence(bare):
    port, _ = far_end(bare)
    source = (
        "at = []\ndef note(u):\n    at.append((time.ticks_us(), u.any(), irq.flags()))\n"
        "irq = u.irq(note, UART.IRQ_RX | UART.IRQ_RXIDLE)\n"
        "print(irq.trigger() == UART.IRQ_RX | UART.IRQ_RXIDLE)"
    )
    assert run(bare, f"1, 9600, {PINS}", source) == "True\n"
    port.send(b"xyz")
    bare.world.run_for(0.1)
    assert bare.run("print([(n, f) for t, n, f in at])") == "[(1, 1), (2, 1), (3, 1), (3, 4096)]\n"
    # Twice the timer's period of 20 bits, less what had passed of it.
    assert bare.run("print(2083 <= time.ticks_diff(at[3][0], at[2][0]) <= 4200)") == "True\n"
    bare.run("u.irq(None)\nat.clear()")
    port.send(b"more")
    bare.world.run_for(0.1)
    assert bare.run("print(at)") == "[]\n"


def test_poll_waits_for_bytes(bare):
    port, _ = far_end(bare)
    run(bare, f"1, 9600, {PINS}", "import select\np = select.poll()\np.register(u, select.POLLIN)\nprint(p.poll(50))")
    bare.world.kernel.after(30_000, lambda: port.send(b"q"))
    source = (
        "a = time.ticks_ms()\nr = p.poll(1000)\n"
        "print(r[0][0] is u, r[0][1], 29 <= time.ticks_diff(time.ticks_ms(), a) <= 34)\n"
        "p.modify(u, select.POLLIN | select.POLLOUT)\nprint(p.poll()[0][1], u.read(), p.poll()[0][1])"
    )
    assert bare.run(source) == "True 1 True\n5 b'q' 4\n"


def test_asyncio_streams(bare):
    port, heard = far_end(bare)
    bare.world.kernel.after(60_000, lambda: port.send(b"line one\nline"))
    source = (
        "import asyncio\n"
        "async def beat(out):\n    while True:\n        out.append(1)\n        await asyncio.sleep_ms(10)\n"
        "async def main():\n    beats = []\n    task = asyncio.create_task(beat(beats))\n"
        "    stream = asyncio.StreamReader(u)\n    print(await stream.readline(), len(beats) >= 5)\n"
        "    print(await stream.readexactly(4))\n"
        "    stream.write(b'answer')\n    await stream.drain()\n    task.cancel()\n"
        "asyncio.run(main())\nu.flush()"
    )
    assert run(bare, f"1, 9600, {PINS}", source) == "b'line one\\n' True\nb'line'\n"
    assert heard == b"answer"


def test_nothing_is_sent_while_cts_is_high(bare):
    _, heard = far_end(bare)
    cts, kernel = bare.machine.parts["pads"].net(14), bare.world.kernel
    run(bare, f"1, 9600, cts=14, flow=UART.CTS, {PINS}", "u.write(b'abc')\ntime.sleep_ms(20)\nprint(u.txdone())")
    assert heard == b""
    cts.drive(0)
    kernel.after(1_500, lambda: cts.drive(1))
    bare.world.run_for(0.1)
    assert heard == b"ab"  # the second one was on its way
    kernel.after(50_000, lambda: cts.drive(0))
    assert (
        bare.run("a = time.ticks_ms()\nu.flush()\nprint(50 <= time.ticks_diff(time.ticks_ms(), a) <= 53)") == "True\n"
    )
    assert heard == b"abc"


def test_write_waits_for_cts_when_the_buffer_is_full_and_flush_gives_up(bare):
    _, heard = far_end(bare, format=Format(115_200))
    cts = bare.machine.parts["pads"].net(14)
    bare.world.kernel.after(2_000_000, lambda: cts.drive(0))
    source = (
        "a = time.ticks_ms()\nu.write(bytes(385))\nprint(time.ticks_diff(time.ticks_ms(), a) > 1900)\nu.flush()\n"
        "u.init(cts=27)\nu.write(b'x')\ntry:\n    u.flush()\nexcept OSError as e:\n    print(e.args)\n"
    )
    assert run(bare, f"1, 115200, cts=14, flow=UART.CTS, {PINS}", source) == "True\n(116,)\n"
    assert len(heard) == 385


def test_rts_asks_to_wait_while_the_buffers_are_full(bare):
    port, _ = far_end(bare)
    rts = bare.machine.parts["pads"].net(27)
    run(bare, f"1, 9600, rts=27, flow=UART.RTS, {PINS}", "")
    assert (rts.level(), rts.is_driven()) == (0, True)
    port.send(bytes(256 + 1 + 95))
    bare.world.run_for(0.5)
    assert rts.level() == 0
    port.send(b"x")
    bare.world.run_for(0.01)
    assert rts.level() == 1
    assert bare.run("print(len(u.read()))") == "353\n"
    assert rts.level() == 0
    bare.run("u.init(flow=0)")
    assert not rts.is_driven()


def test_flow_control_between_two_uarts_loses_nothing(bare):
    pads = bare.machine.parts["pads"]
    pads.net(12).join(pads.net(16))
    pads.net(27).join(pads.net(14))
    source = (
        "v = UART(2, 115200, rx=16, tx=17, rts=27, flow=UART.RTS, invert=UART.INV_RTS)\n"
        "import _thread\ngot = bytearray()\n"
        "def reader():\n    while len(got) < 2000:\n        time.sleep_ms(100)\n        got.extend(v.read() or b'')\n"
        "_thread.start_new_thread(reader, ())\n"
        "for n in range(20):\n    u.write(bytes([n]) * 100)\n    time.sleep_ms(1)\n"
        "time.sleep(3)\nprint(len(got), got == b''.join([bytes([n]) * 100 for n in range(20)]))\nprint(u)\nprint(v)"
    )
    lines = run(bare, f"1, 115200, cts=14, flow=UART.CTS, invert=UART.INV_CTS, {PINS}", source).split("\n")
    assert lines[0] == "2000 True"
    assert "rts=-1, cts=14" in lines[1] and lines[1].endswith("irq=0, invert=INV_CTS, flow=CTS)")
    assert "rts=27, cts=-1" in lines[2] and lines[2].endswith("irq=0, invert=INV_RTS, flow=RTS)")


def test_two_uarts_of_one_board_talk(bare):
    pads = bare.machine.parts["pads"]
    pads.net(17).join(pads.net(13))
    pads.net(12).join(pads.net(16))
    source = (
        "v = UART(2, 115200)\nu.write(b'ping')\ntime.sleep_ms(2)\nprint(v.read())\n"
        "v.write(b'pong')\ntime.sleep_ms(2)\nprint(u.read())"
    )
    assert run(bare, f"1, 115200, {PINS}", source) == "b'ping'\nb'pong'\n"


def test_there_is_one_object_each_and_its_text(bare):
    text = (
        "UART(2, baudrate=115201, bits=8, parity=None, stop=1, tx=17, rx=16, rts=-1, cts=-1, txbuf=256, rxbuf=256, "
        "timeout=0, timeout_char=0, irq=0)\n"
    )
    assert bare.run("from machine import UART\nu = UART(2)\nprint(u)\nprint(UART(2) is u)") == text + "True\n"
    source = (
        "u.init(9600, bits=7, parity=1, stop=2, tx=12, rx=13, txbuf=0, rxbuf=300, timeout=5, timeout_char=3, "
        "invert=UART.INV_RX | UART.INV_TX)\nu.irq(lambda u: 0, UART.IRQ_RX)\nprint(u)"
    )
    assert bare.run(source) == (
        "UART(2, baudrate=9600, bits=7, parity=1, stop=2, tx=12, rx=13, rts=-1, cts=-1, txbuf=0, rxbuf=300, timeout=5, "
        "timeout_char=3, irq=1, invert=INV_TX|INV_RX)\n"
    )


def test_settings_that_are_not_given_stay(bare):
    source = "u.init(timeout=20)\nprint(u)\nu.deinit()\nu.init()\nprint(u)"
    assert run(bare, f"1, 9600, parity=0, timeout_char=4, {PINS}", source) == (
        "UART(1, baudrate=9600, bits=8, parity=0, stop=1, tx=12, rx=13, rts=-1, cts=-1, txbuf=256, rxbuf=256, "
        "timeout=20, timeout_char=4, irq=0)\n"
        "UART(1, baudrate=115201, bits=8, parity=None, stop=1, tx=10, rx=9, rts=-1, cts=-1, txbuf=256, rxbuf=256, "
        "timeout=0, timeout_char=0, irq=0)\n"
    )


def test_constants(bare):
    source = (
        "print(UART.INV_TX, UART.INV_RX, UART.INV_RTS, UART.INV_CTS, UART.RTS, UART.CTS)\n"
        "print(UART.IRQ_RX, UART.IRQ_RXIDLE, UART.IRQ_BREAK)"
    )
    assert bare.run("from machine import UART\n" + source) == "32 4 64 8 1 2\n1 4096 2\n"


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("UART()", "TypeError"),
        ("UART(3)", r"ValueError: UART\(3\) does not exist"),
        ("UART(-1)", r"ValueError: UART\(-1\) does not exist"),
        ("UART(0)", r"NotImplementedError: machine.UART\(0\): the REPL's serial line is the node's console"),
        ("UART(1, bits=9)", "ValueError: invalid data bits"),
        ("UART(1, stop=3)", "ValueError: invalid stop bits"),
        ("UART(1, parity='odd')", "TypeError: can't convert str to int"),
        ("UART(1, invert=1)", "ValueError: invalid inversion mask"),
        ("UART(1, flow=4)", "ValueError: invalid flow control mask"),
        ("UART(1, flow=UART.RTS)", "NotImplementedError: machine.UART.flow=.... without its pin"),
        ("UART(1, flow=UART.CTS, rts=5)", "NotImplementedError: machine.UART.flow=.... without its pin"),
        ("UART(1, flow=UART.RTS, rts=34)", r"OSError: \[Errno 1\] EPERM: ESP_FAIL"),
        ("UART(1, 50)", "NotImplementedError: machine.UART.baudrate=50."),
        ("UART(1, tx=34)", r"OSError: \[Errno 1\] EPERM: ESP_FAIL"),
        ("UART(1, rx=99)", "ValueError: invalid pin"),
        ("UART(1, rxbuf=128)", r"OSError: \[Errno 1\] EPERM: ESP_FAIL"),
        ("UART(1, txbuf=100)", r"OSError: \[Errno 1\] EPERM: ESP_FAIL"),
        ("UART(1, 9600, timeout_char=250)", r"OSError: \(-258, 'ESP_ERR_INVALID_ARG'\)"),
        ("UART(1).irq(5)", "ValueError: handler must be None or callable"),
        ("UART(1).irq(print, 4)", "ValueError: trigger 0x0004 unsupported"),
        ("UART(1).irq(print, 1, True)", "ValueError: hard IRQ is not supported"),
        ("UART(1).read(-2)", "MemoryError"),
        ("UART(1).write(5)", "TypeError: object with buffer protocol required"),
    ],
)
def test_wrong_use_is_refused(bare, call, error):
    with pytest.raises(NodeError, match=error):
        bare.run("from machine import UART\n" + call)


def test_idle_interrupt_and_timer_0_exclude_each_other(bare):
    source = (
        "from machine import Timer, UART\nt = Timer(0, period=100, callback=print)\nUART(1).irq(print, UART.IRQ_RXIDLE)"
    )
    with pytest.raises(NodeError, match="NotImplementedError: UART.irq.trigger=IRQ_RXIDLE. while Timer.0. runs"):
        bare.run(source)


def test_uart_that_is_turned_off(bare):
    source = (
        "u.deinit()\nprint(u.read(), u.readline(), u.readinto(bytearray(1)), u.write(b'a'), u.txdone())\n"
        "for f in (u.any, u.sendbreak, u.flush):\n    try:\n        f()\n"
        "    except OSError as e:\n        print(e.args)"
    )
    expected = "None None None None False\n(1, 'ESP_FAIL')\n(1, 'ESP_FAIL')\n(116,)\n"
    assert run(bare, f"1, {PINS}", source) == expected


def test_turning_off_drops_what_is_on_its_way(bare):
    _, heard = far_end(bare)
    run(bare, f"1, 9600, {PINS}", "u.write(b'abcdef')\ntime.sleep_us(2500)\nu.deinit()\ntime.sleep_ms(20)")
    assert heard == b"ab"


def test_pin_taken_away_sends_nothing(bare):
    _, heard = far_end(bare)
    source = "Pin(12, Pin.OUT, value=1)\nu.write(b'lost')\nu.flush()\nu.init()\nu.write(b'x')\nu.flush()"
    run(bare, f"1, 9600, {PINS}", source)
    assert heard == b"x"


def test_power_cut_ends_what_is_on_its_way(bare):
    _, heard = far_end(bare)
    run(bare, f"1, 9600, {PINS}", "u.write(b'abcdef')")
    bare.world.run_for(0.0015)
    bare.node.power_off()
    bare.world.run_for(0.1)
    net = bare.machine.parts["pads"].net(12)
    assert (heard, net.is_driven(), net.frame) == (b"a", False, None)


def test_pins_are_those_that_init_was_given_last(bare):
    _, heard = far_end(bare, tx=14, rx=27)
    run(bare, f"1, 9600, {PINS}", "u.init(tx=14, rx=27)\nu.write(b'moved')\nu.flush()")
    pads = bare.machine.parts["pads"]
    assert (heard, pads.net(12).is_driven(), pads.net(14).level()) == (b"moved", False, 1)
