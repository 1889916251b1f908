"""``select`` as a program on the board sees it."""

import pytest

from simulator.errors import NodeError

SET_UP = """
import network, select, socket, time
wlan = network.WLAN()
wlan.active(True)
wlan.connect('your_wifi_name', 'your_wifi_passwd')
while not wlan.isconnected():
    time.sleep_ms(50)
server = socket.socket()
server.bind(('', 80))
server.listen(5)
poller = select.poll()
"""


class Polled:
    """A board with a poller, and a client of it."""

    def __init__(self, bare):
        self.run = bare.run
        self.world = bare.world
        bare.run(SET_UP)
        self.client = bare.world.lan.client("pc").connect("10.0.1.2", 80)
        bare.run("sock = server.accept()[0]")

    def later(self, seconds, action):
        self.world.at(self.world.kernel.now + round(seconds * 1e6), action)


@pytest.fixture
def polled(bare):
    return Polled(bare)


def test_poll_of_idle_connection_tells_writable(polled):
    assert polled.run("poller.register(sock); print([found[1] for found in poller.poll(0)])") == "[4]\n"


def test_poll_waits_for_bytes(polled):
    polled.run("poller.register(sock, select.POLLIN)")
    polled.later(0.5, lambda: polled.client.send(b"x"))
    source = "t = time.ticks_ms(); found = poller.poll(5000); print(found[0][0] is sock, found[0][1])\n"
    printed = polled.run(source + "print(500 <= time.ticks_diff(time.ticks_ms(), t) <= 510)")
    assert printed == "True 1\nTrue\n"


def test_poll_times_out_with_an_empty_list(polled):
    source = "poller.register(sock, select.POLLIN); t = time.ticks_ms(); print(poller.poll(300))\n"
    assert polled.run(source + "print(time.ticks_diff(time.ticks_ms(), t))") == "[]\n300\n"


def test_poll_of_listener_tells_a_waiting_client(polled):
    polled.run("poller.register(server, select.POLLIN); print(poller.poll(0))")
    polled.later(0.1, lambda: polled.world.lan.client("other").connect("10.0.1.2", 80))
    assert polled.run("print(len(poller.poll(1000)))") == "1\n"


def test_poll_of_closed_peer_is_readable(polled):
    polled.client.close()
    assert polled.run("time.sleep_ms(50); poller.register(sock, 1); print(poller.poll(0)[0][1])") == "1\n"


def test_poll_of_new_socket_hangs_up(bare):
    source = "import select, socket; p = select.poll(); p.register(socket.socket()); print(p.poll(0)[0][1])"
    assert bare.run(source) == "20\n"


def test_poll_of_closed_socket_is_invalid(polled):
    assert polled.run("poller.register(sock, 1); sock.close(); print(poller.poll(0)[0][1])") == "32\n"


def test_poll_wakes_when_a_thread_closes_the_socket(polled):
    source = (
        "import _thread\n_thread.start_new_thread(lambda: (time.sleep_ms(200), sock.close()), ())\n"
        "poller.register(sock, select.POLLIN); print(poller.poll(5000)[0][1])"
    )
    assert polled.run(source) == "32\n"


def test_poll_for_writing_waits_for_room(polled):
    polled.client.pause_reading()
    polled.run("sock.setblocking(False); sock.write(bytes(9000)); time.sleep(1); sock.write(bytes(9000))")
    assert polled.run("poller.register(sock, select.POLLOUT); print(poller.poll(1000))") == "[]\n"
    polled.later(0.5, polled.client.resume_reading)
    assert polled.run("print(poller.poll(5000)[0][1])") == "4\n"


def test_modify_of_unknown_stream_raises_enoent(polled):
    with pytest.raises(NodeError, match=r"OSError: \[Errno 2\] ENOENT"):
        polled.run("poller.modify(sock, 1)")


def test_modify_and_unregister_change_what_is_asked(polled):
    polled.run("poller.register(sock, select.POLLOUT); poller.modify(sock, select.POLLIN)")
    assert polled.run("print(poller.poll(0)); poller.unregister(sock); poller.unregister(sock)") == "[]\n"


def test_register_of_no_stream_raises(polled):
    with pytest.raises(NodeError, match="OSError: stream operation not supported"):
        polled.run("poller.register(5)")


def test_ipoll_one_shot_asks_once(polled):
    source = "poller.register(sock, select.POLLOUT)\n"
    source += "print([event for _, event in poller.ipoll(0, 1)], [event for _, event in poller.ipoll(0)])"
    assert polled.run(source) == "[4] []\n"


def test_select_sorts_into_three_lists(polled):
    polled.client.send(b"x")
    source = "r, w, x = select.select([server, sock], [sock], [sock], 1); time.sleep_ms(20)\n"
    source += "r, w, x = select.select([server, sock], [sock], [sock], 1)\n"
    assert polled.run(source + "print(r == [sock], w == [sock], x)") == "True True []\n"


def test_select_with_timeout_gives_empty_lists(polled):
    assert polled.run("print(select.select([sock], [], [], 0.2))") == "([], [], [])\n"


def test_select_without_timeout_waits(polled):
    polled.later(30, lambda: polled.client.send(b"x"))
    assert polled.run("print(len(select.select([sock], [], [])[0]))") == "1\n"


def test_select_tells_a_reset_connection(polled):
    polled.client.abort()
    assert (
        polled.run("time.sleep_ms(50); r, w, x = select.select([sock], [], [sock], 1); print(len(r), len(x))")
        == "1 1\n"
    )
