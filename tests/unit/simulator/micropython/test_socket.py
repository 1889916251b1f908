"""``socket`` as a program on the board sees it; the other side is a host of the test."""

import pytest

from simulator.errors import NodeError

JOIN = """
import network, socket, time
wlan = network.WLAN(network.STA_IF)
wlan.active(True)
wlan.connect('your_wifi_name', 'your_wifi_passwd')
while not wlan.isconnected():
    time.sleep_ms(50)
def took(call, *args):
    begin = time.ticks_us()
    try:
        call(*args)
    except OSError as error:
        print(error.errno, end=' ')
    print(time.ticks_diff(time.ticks_us(), begin) // 1000)
"""
SERVER = "server = socket.socket(); server.bind(('', 80)); server.listen(5)\n"


def raises(bare, source, text):
    with pytest.raises(NodeError) as error:
        bare.run(source)
    assert str(error.value).rstrip().splitlines()[-1] == text


class Wired:
    """A joined board, and a host of the test."""

    def __init__(self, bare):
        self.bare = bare
        self.run = bare.run
        self.world = bare.world
        self.pc = bare.world.lan.client("pc")
        bare.run(JOIN)
        self.ip = bare.world.lan.address(bare.machine)

    def accept(self):
        """A connection from the host to the board, whose socket is ``sock`` there."""
        self.run(SERVER)
        client = self.pc.connect(self.ip, 80)
        self.run("sock, peer = server.accept()")
        return client


@pytest.fixture
def wired(bare):
    return Wired(bare)


def test_constants_have_lwips_values(bare):
    assert bare.run("from socket import *; print(AF_INET, SOCK_DGRAM, SOL_SOCKET, SO_REUSEADDR, IPPROTO_UDP)") == (
        "2 2 4095 4 17\n"
    )


def test_accept_gives_the_client_and_its_address(wired):
    client = wired.accept()
    assert wired.run("print(peer)") == f"{client.local!r}\n"


def test_recv_gives_what_has_come_up_to_the_size(wired):
    wired.accept().send(b"hello")
    assert wired.run("print(sock.recv(3), sock.recv(100))") == "b'hel' b'lo'\n"


def test_recv_at_the_end_is_empty_again_and_again(wired):
    wired.accept().close()
    assert wired.run("print(sock.recv(3), sock.recv(3))") == "b'' b''\n"


def test_recv_with_peek_leaves_the_bytes(wired):
    wired.accept().send(b"hello")
    assert wired.run("print(sock.recv(2, socket.MSG_PEEK), sock.recv(9))") == "b'he' b'hello'\n"


def test_recv_with_dontwait_raises_eagain(wired):
    wired.accept()
    raises(wired, "sock.recv(1, socket.MSG_DONTWAIT)", "OSError: [Errno 11] EAGAIN")


def test_recv_of_reset_connection_raises_once(wired):
    wired.accept().abort()
    raises(wired, "time.sleep_ms(50); sock.recv(1)", "OSError: [Errno 104] ECONNRESET")
    raises(wired, "sock.recv(1)", "OSError: [Errno 128] ENOTCONN")


def test_bytes_before_a_reset_are_read_first(wired):
    client = wired.accept()
    client.send(b"last")
    wired.world.run_for(0.01)
    client.abort()
    assert wired.run("time.sleep_ms(50); print(sock.recv(9))") == "b'last'\n"


def test_settimeout_ends_a_step_later(wired):
    wired.accept()
    assert wired.run("sock.settimeout(1); took(sock.recv, 1)") == "116 1100\n"


def test_settimeout_below_a_step_ends_in_eagain(wired):
    wired.accept()
    assert wired.run("sock.settimeout(0.05); took(sock.recv, 1)") == "11 100\n"


def test_setblocking_false_does_not_wait(wired):
    wired.accept()
    assert wired.run("sock.setblocking(False); took(sock.recv, 1); took(server.setblocking, 0)") == "11 0\n0\n"
    assert wired.run("took(server.accept)") == "11 0\n"


def test_accept_with_timeout_raises_etimedout(wired):
    assert wired.run(SERVER + "server.settimeout(0.5); took(server.accept)") == "116 600\n"


def test_send_and_close_reach_the_peer_in_order(wired):
    client = wired.accept()
    assert wired.run("print(sock.send(b'abc'), sock.sendall(b'def'), sock.write('g')); sock.close()") == "3 None 1\n"
    wired.world.run_for(0.1)
    assert client.received == b"abcdefg"
    assert client.closed


def test_send_to_peer_that_never_reads_waits_until_the_timeout(wired):
    client = wired.accept()
    client.pause_reading()
    assert wired.run("sock.settimeout(2); took(sock.send, bytes(20_000)); took(sock.send, b'x')") == "2100\n116 2100\n"
    client.resume_reading()
    wired.world.run_for(1)
    assert len(client.received) == 11_520


def test_sendall_that_times_out_raises(wired):
    wired.accept().pause_reading()
    raises(wired, "sock.settimeout(1); sock.sendall(bytes(20_000))", "OSError: [Errno 116] ETIMEDOUT")


def test_write_of_non_blocking_socket_gives_count_then_none(wired):
    wired.accept().pause_reading()
    source = "sock.setblocking(False); print(sock.write(bytes(9000))); time.sleep(1)\n"
    assert wired.run(source + "print(sock.write(bytes(9000)), sock.write(b'x'))") == "5760\n5760 None\n"


def test_send_without_bytes_raises(wired):
    wired.accept()
    raises(wired, "sock.send(b'')", "OSError: [Errno 116] ETIMEDOUT")


def test_send_of_something_else_raises(wired):
    wired.accept()
    raises(wired, "sock.send(5)", "TypeError: object with buffer protocol required")


def test_send_before_connecting_raises(bare):
    raises(bare, "import socket; socket.socket().send(b'x')", "OSError: [Errno 128] ENOTCONN")


def test_recv_before_connecting_raises(bare):
    raises(bare, "import socket; socket.socket().recv(1)", "OSError: [Errno 128] ENOTCONN")


def test_read_waits_for_all_bytes(wired):
    client = wired.accept()
    client.send(b"ab")
    at_us = wired.world.kernel.now + 1_000_000
    wired.world.at(at_us, lambda: client.send(b"cdef"))
    assert wired.run("print(sock.read(4), sock.read(2))") == "b'abcd' b'ef'\n"


def test_read_without_size_goes_to_the_end(wired):
    client = wired.accept()
    client.send(b"x" * 9000)
    client.close()
    assert wired.run("print(len(sock.read()), sock.read())") == "9000 b''\n"


def test_read_of_non_blocking_socket_gives_a_part_then_none(wired):
    wired.accept().send(b"abc")
    source = "time.sleep_ms(50); sock.setblocking(False); print(sock.read(9), sock.read(9), sock.readline())"
    assert wired.run(source) == "b'abc' None None\n"


def test_readline_stops_at_newline_or_end(wired):
    client = wired.accept()
    client.send(b"one\ntwo\nrest")
    client.close()
    assert wired.run("print(sock.readline(), sock.readline(), sock.readline(), sock.readline())") == (
        r"b'one\n' b'two\n' b'rest' b''" + "\n"
    )


def test_readinto_fills_the_buffer(wired):
    client = wired.accept()
    client.send(b"abcdef")
    client.close()
    assert wired.run("b = bytearray(5); print(sock.readinto(b, 2), b)") == r"2 bytearray(b'ab\x00\x00\x00')" + "\n"
    assert wired.run("print(sock.readinto(b), b)") == r"4 bytearray(b'cdef\x00')" + "\n"


def test_makefile_is_the_socket(bare):
    assert bare.run("import socket; s = socket.socket(); print(s.makefile('rwb', 0) is s)") == "True\n"


def test_connect_reaches_a_server_of_the_lan(wired):
    wired.pc.listen(7, lambda connection: connection.send(b"welcome"))
    assert wired.run("s = socket.socket(); s.connect(('pc', 7)); print(s.recv(99))") == "b'welcome'\n"


def test_connect_to_closed_port_is_econnreset(wired):
    assert wired.run(f"took(socket.socket().connect, ({wired.pc.ip!r}, 8))") == "104 4\n"


def test_connect_to_absent_host_is_econnaborted_after_18_5_s(wired):
    assert wired.run("took(socket.socket().connect, ('10.0.44.44', 8))") == "113 18500\n"


def test_connect_with_timeout_is_etimedout(wired):
    assert wired.run("s = socket.socket(); s.settimeout(3); took(s.connect, ('10.0.44.44', 8))") == "116 3100\n"


def test_connect_without_network_is_ehostunreach(bare):
    raises(bare, "import socket; socket.socket().connect(('10.0.1.2', 8))", "OSError: [Errno 118] EHOSTUNREACH")


def test_connect_of_non_blocking_socket_goes_on_by_itself(wired):
    wired.pc.listen(7, lambda connection: connection.send(b"welcome"))
    raises(
        wired,
        f"s = socket.socket(); s.setblocking(False); s.connect(({wired.pc.ip!r}, 7))",
        "OSError: [Errno 119] EINPROGRESS",
    )
    assert wired.run("time.sleep_ms(50); print(s.read(99))") == "b'welcome'\n"


def test_connect_twice_raises_eisconn(wired):
    wired.pc.listen(7)
    source = f"s = socket.socket(); s.connect(({wired.pc.ip!r}, 7)); took(s.connect, ({wired.pc.ip!r}, 7))"
    assert wired.run(source) == "127 0\n"


def test_bind_of_a_port_in_use_raises(wired):
    wired.run(SERVER)
    raises(wired, "socket.socket().bind(('', 80))", "OSError: [Errno 112] EADDRINUSE")


def test_second_listener_raises_even_with_reuseaddr(bare):
    bare.run(
        "import socket\nservers = [socket.socket(), socket.socket()]\n"
        "for s in servers:\n    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('', 80))\n"
        "servers[0].listen(1)"
    )
    raises(bare, "servers[1].listen(1)", "OSError: [Errno 112] EADDRINUSE")


def test_port_with_open_connections_is_bound_again_with_reuseaddr_only(wired):
    wired.accept()
    wired.run("server.close()")
    raises(wired, "socket.socket().bind(('', 80))", "OSError: [Errno 112] EADDRINUSE")
    raises(wired, "sock.close(); time.sleep(1); socket.socket().bind(('', 80))", "OSError: [Errno 112] EADDRINUSE")


def test_port_whose_client_closed_first_is_free_at_once(wired):
    client = wired.accept()
    client.close()
    wired.run("sock.recv(1); sock.close(); server.close(); time.sleep(1); socket.socket().bind(('', 80))")


def test_port_in_time_wait_is_bound_with_reuseaddr_or_two_minutes_later(wired):
    wired.accept()
    wired.run("server.close(); sock.close(); time.sleep(1)")
    wired.run("s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)")
    wired.run("s.bind(('', 80)); s.close()")
    raises(wired, "socket.socket().bind(('', 80))", "OSError: [Errno 112] EADDRINUSE")
    wired.world.run_for(121)
    wired.run("socket.socket().bind(('', 80))")


def test_connect_from_a_port_that_has_this_connection_raises(wired):
    wired.pc.listen(8)
    connect = (
        "s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('', 5000)); "
        f"s.connect(({wired.pc.ip!r}, 8)); s.close()"
    )
    wired.run(connect)
    raises(wired, connect, "OSError: [Errno 112] EADDRINUSE")


def test_vanished_peer_is_noticed_by_a_write_after_1151_s_and_by_a_read_never(wired):
    wired.accept()
    wired.pc.interface.unlink()
    wired.world.run_for(7_200)
    assert wired.run("sock.settimeout(1); took(sock.recv, 1); print(sock.send(b'x'))") == "116 1100\n1\n"
    wired.world.run_for(1_140)
    assert wired.run("print(sock.send(b'x'))") == "1\n"
    wired.world.run_for(15)
    assert wired.run("took(sock.recv, 1); took(sock.send, b'x')") == "113 0\n128 0\n"


def test_keep_alive_is_not_known_to_the_port(wired):
    text = "Warning: lwip.setsockopt() option not implemented\n"
    assert wired.run("socket.socket().setsockopt(socket.SOL_SOCKET, 8, 1)") == text


def test_accept_of_socket_that_does_not_listen_raises(bare):
    raises(bare, "import socket; socket.socket().accept()", "OSError: [Errno 22] EINVAL")


def test_closed_socket_raises_ebadf(bare):
    bare.run("import socket; s = socket.socket(); s.close(); s.close(); print(s.fileno())")
    raises(bare, "s.recv(1)", "OSError: [Errno 9] EBADF")


def test_close_of_listener_resets_who_waits(wired):
    wired.run(SERVER)
    client = wired.pc.connect(wired.ip, 80)
    wired.run("time.sleep_ms(50); server.close()")
    wired.world.run_for(0.1)
    assert client.reset


def test_seventeenth_socket_raises_enfile(bare):
    source = (
        "import socket\nopened = [socket.socket() for _ in range(16)]\nprint(opened[0].fileno(), opened[15].fileno())"
    )
    assert bare.run(source) == "48 63\n"
    raises(bare, "socket.socket()", "OSError: 23")
    bare.run("opened[3].close(); socket.socket()")


def test_accept_without_free_socket_closes_the_client(wired):
    wired.run(SERVER)
    client = wired.pc.connect(wired.ip, 80)
    wired.run("rest = [socket.socket() for _ in range(15)]")
    raises(wired, "server.accept()", "OSError: 23")
    wired.world.run_for(0.1)
    assert client.closed


def test_getaddrinfo_of_numbers_needs_no_network(bare):
    assert bare.run("import socket; print(socket.getaddrinfo('10.0.1.9', 80))") == (
        "[(2, 1, 0, '10.0.1.9', ('10.0.1.9', 80))]\n"
    )
    assert bare.run("print(socket.getaddrinfo('', '81', 0, socket.SOCK_DGRAM)[0])") == (
        "(2, 2, 0, '0.0.0.0', ('0.0.0.0', 81))\n"
    )


def test_getaddrinfo_finds_hosts_by_name(wired):
    assert wired.run("print(socket.getaddrinfo('pc', 80)[0][-1], socket.getaddrinfo('pc.local', 80)[0][-1][0])") == (
        f"({wired.pc.ip!r}, 80) {wired.pc.ip}\n"
    )


def test_getaddrinfo_without_network_raises_202(bare):
    raises(bare, "import socket; socket.getaddrinfo('pc', 80)", "OSError: -202")


def test_getaddrinfo_of_unknown_name_raises_2(wired):
    assert wired.run("took(socket.getaddrinfo, 'nobody', 80)") == "-2 4\n"


def test_getaddrinfo_of_unknown_mdns_name_takes_5_s(wired):
    assert wired.run("took(socket.getaddrinfo, 'nobody.local', 80)") == "-2 5000\n"


def test_getaddrinfo_of_silent_name_server_takes_7_s(wired):
    assert wired.run("network.ipconfig(dns='8.8.8.8'); took(socket.getaddrinfo, 'pc', 80)") == "-202 7000\n"


@pytest.mark.parametrize("port", ["0", "65536", "'http'"])
def test_getaddrinfo_of_impossible_port_raises_201(bare, port):
    raises(bare, f"import socket; socket.getaddrinfo('10.0.1.9', {port})", "OSError: -201")


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("80", "TypeError: object 'int' isn't a tuple or list"),
        ("('', 80, 0)", "ValueError: requested length 2 but object has length 3"),
        ("(5, 80)", "TypeError: can't convert 'int' object to str implicitly"),
    ],
)
def test_bind_to_wrong_address_raises(bare, address, text):
    raises(bare, f"import socket; socket.socket().bind({address})", text)


def test_setsockopt_of_unknown_option_warns_on_the_console(bare):
    assert bare.run("import socket; socket.socket().setsockopt(1, 99, 1)") == (
        "Warning: lwip.setsockopt() option not implemented\n"
    )


def test_setsockopt_callback_is_called_when_bytes_come(wired):
    client = wired.accept()
    wired.run("got = []\nsock.setsockopt(socket.SOL_SOCKET, 20, lambda s: got.append(s.recv(9)))")
    client.send(b"ping")
    assert wired.run("time.sleep_ms(100); print(got)") == "[b'ping']\n"


def test_setsockopt_callback_comes_again_while_something_is_left(wired):
    client = wired.accept()
    wired.run("got = []\nsock.setsockopt(socket.SOL_SOCKET, 20, lambda s: got.append(s.recv(2)))")
    client.send(b"ping")
    assert wired.run("time.sleep_ms(200); print(got)") == "[b'pi', b'ng']\n"


@pytest.mark.engine("cpython", reason="computing")
def test_setsockopt_callback_waits_for_a_busy_program(wired):
    client = wired.accept()
    wired.run("got = []\nsock.setsockopt(socket.SOL_SOCKET, 20, lambda s: got.append(s.recv(9)))")
    client.send(b"ping")
    busy = "begin = time.ticks_ms()\nwhile time.ticks_diff(time.ticks_ms(), begin) < 500: pass\nprint(got)"
    assert wired.run(busy + "\ntime.sleep_ms(100); print(got)") == "[]\n[b'ping']\n"


def test_setsockopt_callback_none_takes_it_back(wired):
    client = wired.accept()
    wired.run("got = []\nsock.setsockopt(socket.SOL_SOCKET, 20, lambda s: got.append(s.recv(9)))")
    wired.run("sock.setsockopt(socket.SOL_SOCKET, 20, None)")
    client.send(b"ping")
    assert wired.run("time.sleep_ms(300); print(got, sock.recv(9))") == "[] b'ping'\n"


def test_timers_run_while_a_callback_for_data_waits(wired):
    client = wired.accept()
    wired.run("sock.setsockopt(socket.SOL_SOCKET, 20, lambda s: s.recv(1) and time.sleep_ms(500) or print('end'))")
    wired.run("import machine\nmachine.Timer(0, period=100, callback=lambda t: print('tick'))")
    client.send(b"p")
    shown = wired.run("time.sleep_ms(700); machine.Timer(0).deinit()")
    assert shown.partition("end")[0].count("tick") >= 5


def test_udp_goes_both_ways(wired):
    port = wired.pc.bind_udp(123)
    wired.run("u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('', 5000))")
    assert wired.run(f"print(u.sendto(b'ask', ({wired.pc.ip!r}, 123)))") == "3\n"
    wired.world.run_for(0.01)
    assert list(port.received) == [(b"ask", (wired.ip, 5000))]
    wired.pc.send_udp(b"answer", (wired.ip, 5000), port=123)
    assert wired.run("print(u.recvfrom(3))") == f"(b'ans', ({wired.pc.ip!r}, 123))\n"


def test_udp_without_answer_times_out(wired):
    source = "u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.settimeout(1); took(u.recv, 9)"
    assert wired.run(source) == "116 1100\n"


def test_udp_connected_hears_its_peer_only(wired):
    wired.run(f"u = socket.socket(2, 2); u.bind(('', 5000)); u.connect(({wired.pc.ip!r}, 123)); u.settimeout(0)")
    wired.world.lan.client("stranger").send_udp(b"no", (wired.ip, 5000), port=123)
    wired.pc.send_udp(b"yes", (wired.ip, 5000), port=123)
    assert wired.run("time.sleep_ms(50); print(u.recv(9)); took(u.recv, 9)") == "b'yes'\n11 0\n"


def test_udp_beyond_a_frame_raises(wired):
    assert wired.run("u = socket.socket(2, 2); took(u.sendto, bytes(1473), ('10.0.1.3', 1))") == "122 0\n"


def test_udp_port_in_use_raises(bare):
    bare.run("import socket; u = socket.socket(2, 2); u.bind(('', 5000))")
    raises(bare, "socket.socket(2, 2).bind(('', 5000))", "OSError: [Errno 112] EADDRINUSE")


@pytest.mark.parametrize("arguments", ["socket.AF_INET6", "2, socket.SOCK_RAW"])
def test_what_is_not_modelled_says_so(bare, arguments):
    with pytest.raises(NodeError, match="NotImplementedError: socket.socket"):
        bare.run(f"import socket; socket.socket({arguments})")


def test_blocked_recv_lets_other_threads_and_callbacks_run(wired):
    wired.accept()
    source = (
        "import _thread, micropython\nseen = []\n"
        "_thread.start_new_thread(lambda: (time.sleep_ms(100), seen.append('thread')), ())\n"
        "sock.settimeout(1); took(sock.recv, 1); print(seen)"
    )
    assert wired.run(source) == "116 1100\n['thread']\n"


def test_two_programs_with_the_same_seed_leave_the_same_trace():
    from simulator.world import World

    digests = []
    for _ in range(2):
        with World(seed=5) as world:
            node = world.add_node("n", firmware=False)
            world.run_for(1)
            world.run_on(node, JOIN + SERVER)
            client = world.lan.client("pc").connect("10.0.1.2", 80)
            client.send(b"hello")
            world.run_on(node, "sock = server.accept()[0]; sock.send(sock.recv(9)); sock.close()")
            world.run_for(1)
            assert client.received == b"hello"
            digests.append(world.trace.digest())
    assert digests[0] == digests[1]
