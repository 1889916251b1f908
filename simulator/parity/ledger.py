"""The ledger: where the engines differ, why that stays so, and what of it scenarios may show.

docs/fidelity.md is made of it. A change here is a change of what the simulator promises: it needs a reason that holds.
An entry is also a reason of ``@pytest.mark.engine``: a test that is about it runs on one engine only.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.parity.compare import Rule


@dataclass(frozen=True)
class Entry:
    """One known difference.

    Attributes:
        name: how rules and marks call it.
        cpython: what the engine cpython does.
        micropython: what the engine micropython does.
        board: which of them is as on a board, or what a board does.
        reason: why it stays.
        rules: what it may change in the record of a scenario.
    """

    name: str
    cpython: str
    micropython: str
    board: str
    reason: str
    rules: tuple[Rule, ...] = ()


#: Commands of the corpus that write to the flash: configuration, error log, state files, crash reports.
_WRITES = (
    r"^(staessid|devfid|soctout|dbg|utc|appwd|guimeta|crontasks|timirqseq|irq1_trig|boothook|start|crash upon crash)\b"
    r"|^system alarms|^values saved|^raises|^intercon sendcmd|^access point"
)


def _wording(*texts: str, by: str) -> Rule:
    return Rule(values="|".join(texts), by=by)


#: Load Modules that reply dicts.
_DICTS = (
    "rgb|cct|dimmer|neopixel|switch|servo|roboarm|stepper|L298N_DCmotor|L9110_DCmotor|buzzer|oled|bme280|VL53L0X|dht11|dht22|"
    "co2|light_sensor|ph_sensor|esp32|genIO|distance_HCSR04|ds18"
)
LEDGER: tuple[Entry, ...] = (
    Entry(
        "computing",
        "loops, calls, imports and prints take time, a few microseconds each",
        "computing takes no time, calls of the API take as long as on the other engine",
        "between the two: slower than either where much is computed",
        "counting instructions would need an interpreter of our own; what has a time of its own sleeps or waits",
        (
            Rule(step="^start$|^reboot$|^after |^crash", late_us=30_000),
            Rule(channel="reply|client .*", step="^help|^dump|^ls", late_us=25_000),
            Rule(channel="reply|gpio.*", step="^(rgb|cct|dimmer|neopixel) ", late_us=40_000),  # 151 waits of 1 or 2 ms
            Rule(channel="reply|client .*|console|request|i2c|spi|gpio.*", late_us=6_000),
        ),
    ),
    Entry(
        "flash-time",
        "how many blocks are erased is estimated from the size of what is written",
        "LittleFS itself runs on an image; each block that it erases or writes takes what it takes on the chip",
        "as micropython",
        "the estimate is right on average; where LittleFS begins a new block is a matter of the flash's history",
        (
            Rule(channel="reply|console", step=_WRITES, late_us=300_000),
            Rule(channel=r"file /err\.log", values=r"\d+:\d+:\d+", by="<time>"),
        ),
    ),
    Entry(
        "memory",
        "free memory is an estimate from the size of sources and from what the program holds",
        "the interpreter's own heap, as large as the board's",
        "as micropython; objects of 64 bits are counted as of 32",
        "objects of CPython have other sizes; promises about memory are tested on micropython",
        (
            Rule(values=r"(Free RAM|RAM Alloc\.): \d+ kB \d+ byte", by=r"\1"),
            Rule(values=r"(MemFree\[byte\]|memfree): \d+", by=r"\1"),
            Rule(channel="console", lines=r"(mem|stack|GC): .*| No\. of 1-blocks: .*"),
        ),
    ),
    Entry(
        "stack-depth",
        "recursion ends where CPython's does",
        "recursion ends when 256 kB of the host's stack are used",
        "recursion ends when the thread's stack is used, a few kB",
        "frames of the host have other sizes than the chip's",
        (Rule(channel="reply", step=r"^robustness recursion_limit 300$", lines=".*"),),
    ),
    Entry(
        "bytecode",
        "the firmware lies on the flash as source",
        "the firmware lies on the flash as it ships: compiled, which takes less room",
        "as micropython",
        "CPython cannot run MicroPython's bytecode",
        (
            Rule(channel="reply", values=r"(?m)^ +(?:\d+  )?(\w+)\.(?:m?py|idx)$", by=r"\1"),
            Rule(values=r"Free fs: \d+ %", by="Free fs"),
        ),
    ),
    Entry(
        "line-numbers",
        "a traceback has file, line and function of each frame",
        "bytecode is compiled with -O3, as it ships: all its lines are line 1, files are named as modules are, "
        "private functions have short names",
        "as micropython",
        "line numbers and names would cost memory on the board",
        (
            Rule(
                channel="console",
                values=r"File \"[\w/]*?(\w+)(?:\.py\", line \d+|\", line 1)(?:, in _\w+)?",
                by=r"\1",
            ),
            Rule(values=r"\((\w+)(?:\.py:\d+|:1)\)", by=r"(\1)"),
            Rule(channel="reply", step="^ls$", values=r" +\d+  (\.crash|err\.log)", by=r" \1"),
        ),
    ),
    Entry(
        "module-table",
        "sys.modules has what the program has imported",
        "sys.modules has the engine's own modules besides, and none that is built into the interpreter",
        "sys.modules has what the program has imported, and none that is built into the interpreter",
        "the engine's modules have to be there before the program; nothing but a listing shows them",
        (Rule(channel="reply", step="^system module$", values=r"\[.*\]"),),
    ),
    Entry(
        "exception-texts",
        "the interpreter's own errors have CPython's texts",
        "they have MicroPython's",
        "as micropython",
        "the texts are compiled into the interpreters; types are equal, and the firmware compares no text",
        (
            _wording(r"name '(\w+)' is(?: not|n't) defined", by=r"no name \1"),
            _wording("division by zero", "divide by zero", by="zero"),
            _wording(
                r"'<=' not supported between instances of 'int' and 'str'",
                r"unsupported types for __le__: 'int', 'str'",
                by="types",
            ),
            _wording(
                r'can only concatenate str \(not "int"\) to str',
                r"unsupported types for __add__: 'str', 'int'",
                by="types",
            ),
            _wording(
                r"invalid literal for int\(\) with base 10", "invalid syntax for integer with base 10", by="no int"
            ),
        ),
    ),
    Entry(
        "errno-texts",
        "an OSError's text has the symbol of its number: [Errno 116] ETIMEDOUT",
        "so has one that a call of the API raises, and a traceback; in the text of one that the program itself makes, "
        "and in `errno.X` of a source, numbers and symbols are the host's",
        "as cpython",
        "the tables of symbols are compiled into the interpreter, with the host's numbers",
        (Rule(values=r"\[Errno (\d+)\] [A-Z]+", by=r"\1"),),
    ),
    Entry(
        "dict-order",
        "dicts keep the order in which keys were added",
        "dicts have an order of their own",
        "as micropython",
        "it is a property of the interpreters; a dict that one of our Load Modules replies has no order, all else has",
        (Rule(channel="reply", step=rf"^system pinmap\b|^(system|intercon) .*>json$|^({_DICTS})\b", any_order=True),),
    ),
    Entry(
        "word-size",
        "longs of `array` and of native `struct` have 32 bits, floats 23 bits of a fraction",
        "they have 64 and 52 bits, as the interpreter has",
        "as cpython",
        "sizes of C types are compiled into the interpreter",
    ),
    Entry(
        "own-streams",
        "`os.dupterm` and `websocket` take any stream, also one that the program has made",
        "they take streams of the world, as WebREPL's, and refuse others",
        "as cpython",
        "console and network are the world's, and nothing of the firmware puts a stream of its own under them",
    ),
    Entry(
        "time-stamps",
        "files have the time of their last change, which is written even if nothing else changed",
        "files have no time stamps: `os.stat` tells 0",
        "as cpython",
        "the interpreter would take the host's time, and two runs would differ",
    ),
    Entry(
        "new-attributes",
        "classes and objects of the API refuse attributes that they have not",
        "they take them; of attributes of an object those are known that its class names",
        "what is C code there refuses them, what is Python takes them",
        "a class that a program of the interpreter makes takes them, and the shadows of the API are such",
    ),
    Entry(
        "object-addresses",
        "the text of an object without one of its own is its class: `<A object>`",
        "it has the address besides",
        "as micropython",
        "an address of CPython's is another one in each run",
    ),
    Entry(
        "interpreter-build",
        "`io.BufferedWriter` is there; `asyncio` refuses `ssl`, and a second task that waits for a flag or stream",
        "there is no `io.BufferedWriter`; `asyncio` is MicroPython's own, built without its assertions",
        "has `io.BufferedWriter` and `ssl`, and an `asyncio` without assertions",
        "the interpreter is used as it was built; a program that does what an assertion forbids is to be told",
    ),
    Entry(
        "engine-internals",
        "nodes live in this process: heap, code, threads and files can be looked into and be set",
        "nodes are processes of their own",
        "no such thing",
        "tests of the engine cpython itself, and of what only it lets a test set",
    ),
)

#: Name of an entry -> its rules.
RULES: dict[str, tuple[Rule, ...]] = {entry.name: entry.rules for entry in LEDGER if entry.rules}
#: Reasons for running a test on one engine only: name of an entry -> what it is about.
REASONS: dict[str, str] = {entry.name: entry.reason for entry in LEDGER}
