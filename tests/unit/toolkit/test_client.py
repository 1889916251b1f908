"""The shell protocol from the client's side: where replies end, and what a session makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.client import End, NodeSession, Prompt, Reply, ReplyReader
from toolkit.errors import AuthFailed, ClosedEarly, NoAnswer, NodeBusy, UsageError

PROMPT = b"node01 $  "
KNOWN = Prompt("", "node01", 2)
HELP = "[MICROS]   - commands (SocketServer built-in)\n   hello   - é€😀\n   price 5 $  each\n"


@pytest.fixture
def session(scripted):
    """``session({"hello": [b"..."]})``: an opened session with a scripted node, and its link."""

    def make(answers, greeting=(PROMPT,)):
        link = scripted(greeting, answers)
        opened = NodeSession(link)
        opened.open()
        return opened, link

    return make


def pieces(data, cuts):
    """Cut ``data`` at the given places."""
    edges = [0, *sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]
    return [data[a:b] for a, b in zip(edges, edges[1:], strict=False) if b > a]


@given(st.lists(st.integers(0, 10_000), max_size=40))
def test_reader_takes_same_reply_whatever_the_split(cuts):
    reader = ReplyReader(KNOWN)
    seen = "".join(reader.feed(piece) for piece in pieces(HELP.encode() + b"[configure] node01 $  ", cuts))
    assert reader.end is End.SURE
    assert reader.take() == Reply(HELP, Prompt("[configure] ", "node01", 2))
    assert seen == HELP


@given(st.lists(st.integers(0, 10_000), max_size=10))
def test_reader_is_not_sure_before_the_last_byte(cuts):
    reader = ReplyReader(KNOWN)
    for piece in pieces((HELP.encode() + PROMPT)[:-1], cuts):
        reader.feed(piece)
        assert reader.end is not End.SURE


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=5))
def test_reader_with_any_bytes_keeps_them_until_the_close(data, cuts):
    reader = ReplyReader(KNOWN)
    for piece in [*pieces(data, cuts), b""]:
        reader.feed(piece)
    reply = reader.take()
    told = reply.text + (reply.prompt.text if reply.prompt else "")
    assert reader.end is End.SURE
    assert told == data.decode("utf-8", "replace").replace("\r\n", "\n")


def test_greeting_with_one_blank_is_taken_after_a_pause(scripted):
    prompt = NodeSession(scripted([b"lamp $ ", 9.0], {})).open()
    assert (prompt.name, prompt.blanks) == ("lamp", 1)


def test_greeting_whose_second_blank_is_late_has_two(scripted):
    assert NodeSession(scripted([b"lamp $ ", 0.1, b" "], {})).open().blanks == 2


def test_command_answered_by_prompt_alone_ends_at_once(session):
    opened, link = session({"noconf": [PROMPT]})
    assert opened.command("noconf") == Reply("", KNOWN)
    assert link.now_s() == 0


def test_command_after_rename_learns_the_new_prompt(session):
    opened, link = session({"devfid lamp": [b"Saved\n[configure] lamp $  "], "dump": [b"x\n[configure] lamp $  "]})
    assert opened.command("devfid lamp").prompt == Prompt("[configure] ", "lamp", 2)
    waited = link.now_s()
    assert opened.command("dump").text == "x\n"
    assert link.now_s() == waited < 1


def test_reply_that_looks_like_another_prompt_goes_on(session):
    opened, _ = session({"shop price": [b"cost $  ", 0.1, b"5\n" + PROMPT]})
    assert opened.command("shop price").text == "cost $  5\n"


def test_reply_in_slow_pieces_is_whole(session):
    opened, _ = session({"x y": [b"a\xc3", 15.0, b"\xa4\n", 15.0, PROMPT]})
    assert opened.command("x y").text == "aä\n"


def test_reply_lines_are_told_as_they_come(session):
    opened, _ = session({"x y": [b"one\ntw", b"o\nnode", b"01 $  "]})
    told = []
    opened.command("x y", told.append)
    assert told == ["one\n", "two\n"]


def test_silence_ends_in_no_answer_naming_the_command(session):
    opened, link = session({"x y": [b"begun\n"]})
    with pytest.raises(NoAnswer, match="'x y' within 20 s"):
        opened.command("x y")
    assert link.now_s() <= 21


def test_endless_reply_ends_in_no_answer(session):
    opened, link = session({"x y": [b"on and on\n", 10.0] * 50})
    with pytest.raises(NoAnswer, match="does not end"):
        opened.command("x y")
    assert link.now_s() <= 140


def test_no_greeting_ends_in_no_answer(scripted):
    with pytest.raises(NoAnswer, match="greeting within 6 s"):
        NodeSession(scripted([60.0], {})).open()


def test_close_without_greeting_is_an_error(scripted):
    with pytest.raises(ClosedEarly, match="without a greeting"):
        NodeSession(scripted([None], {})).open()


@pytest.mark.parametrize("events", [[b"Connection is busy. Bye!\n", None], [b"Connection is busy. Bye!", 9.0]])
def test_busy_node_says_so(scripted, events):
    with pytest.raises(NodeBusy, match="Connection is busy"):
        NodeSession(scripted(events, {})).open()


def test_reboot_ends_the_session_without_error(session):
    opened, _ = session({"reboot": [b"Reboot micrOS system.\nBye!\n", None]})
    assert opened.command("reboot") == Reply("Reboot micrOS system.\nBye!\n", None)
    with pytest.raises(ClosedEarly, match="'hello' was not sent"):
        opened.command("hello")


def test_goodbye_from_a_node_that_never_closes_ends_the_session(session):
    opened, link = session({"reboot": [b"Bye!\n", 99.0]})
    assert opened.command("reboot").prompt is None
    assert link.now_s() < 1


def test_close_in_mid_reply_is_an_error_with_what_came(session):
    opened, _ = session({"x y": [b"half a re", None]})
    with pytest.raises(ClosedEarly, match="'x y': half a re"):
        opened.command("x y")


def test_session_that_timed_out_while_idle_is_noticed_before_sending(session):
    opened, link = session({}, (PROMPT, b"\n__@_/' Session timeout 100 sec\nBye!\n", None))
    with pytest.raises(ClosedEarly, match="Session timeout 100 sec"):
        opened.command("hello")
    assert link.sent == []


def test_login_with_right_password_opens_the_shell(session):
    opened, _ = session({"secret": [b"AuthOk\n" + PROMPT]}, (b"[password] node01 $  ",))
    opened.login("secret")
    assert opened.prompt == KNOWN


def test_login_with_wrong_password_fails(session):
    opened, _ = session({"guess": [b"AuthFailed\nBye!\n", None]}, (b"[password] node01 $  ",))
    with pytest.raises(AuthFailed):
        opened.login("guess")


def test_command_with_line_break_is_refused_unsent(session):
    opened, link = session({})
    with pytest.raises(UsageError):
        opened.command("hello\nreboot")
    assert link.sent == []


def test_close_says_exit_and_closes(session):
    opened, link = session({"exit": [b"Bye!\n", None]})
    opened.close()
    assert (link.sent, link.closed) == (["exit"], True)


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        ("hello:node01:micr1OS\n", False),
        ("exec_lm_core LM_x->f: boom\n", True),
        ("SHELL: type help for single word commands (built-in)\n", True),
        ("Core error: LM_x->f: boom\n", True),
        ("Failed to save\n", True),
        ("text about exec_lm_core \n", False),
        ("None\n", False),
    ],
)
def test_reply_tells_whether_the_command_failed(text, failed):
    assert Reply(text, KNOWN).failed is failed
