"""Serial lines: characters in their time, other formats, breaks, collisions."""

import pytest

from simulator.electrical.frame import Format
from simulator.electrical.net import Net
from simulator.electrical.uart import BREAK, FRAMING, GOOD, PARITY, UartPort, UartReceiver
from simulator.errors import UsageError
from simulator.kernel import Kernel


@pytest.fixture
def kernel():
    return Kernel(seed=1)


@pytest.fixture
def net(kernel):
    return Net("line", kernel)


def line(net, sends, hears):
    """A sender, and what a receiver hears of it: [(us, value, error), ...]."""
    heard = []
    port = UartPort("sender", tx=net, format=sends)
    UartReceiver(net, hears, lambda value, error: heard.append((net.kernel.now, value, error)))
    return port, heard


def values(heard):
    return [(value, error) for _, value, error in heard]


def test_line_idles_high_and_an_inverted_one_low(kernel, net):
    UartPort("a", tx=net)
    assert net.level() == 1
    UartPort("b", tx=(other := Net("other", kernel)), format=Format(is_inverted=True))
    assert (other.level(), other.is_driven()) == (0, True)


@pytest.mark.parametrize(
    ("form", "bits"), [(Format(9600), 10), (Format(9600, bits=7, parity=1, stop=2), 11), (Format(9600, bits=5), 7)]
)
def test_each_character_takes_the_time_of_its_bits(kernel, net, form, bits):
    port, heard = line(net, form, form)
    port.send(b"\x05\x0a\x11")
    assert port.pending == 3
    kernel.run(1_000_000)
    assert heard == [
        (-(-count * bits * 1_000_000 // 9600), value, GOOD) for count, value in enumerate(b"\x05\x0a\x11", 1)
    ]
    assert (port.pending, [frame.value for frame in net.frames]) == (0, [5, 10, 17])


def test_a_thousand_characters_take_no_longer_than_their_bits(kernel, net):
    port, heard = line(net, Format(115_200), Format(115_200))
    port.send(bytes(1000))
    kernel.run(1_000_000)
    assert heard[-1][0] == 86_806


def test_characters_sent_while_others_pass_follow_them(kernel, net):
    port, heard = line(net, Format(9600), Format(9600))
    kernel.at(0, lambda: port.send(b"a"))
    kernel.at(500, lambda: port.send(b"b"))
    kernel.at(9_000, lambda: port.send(b"c"))
    kernel.run(20_000)
    assert [at for at, _, _ in heard] == [1042, 2084, 10_042]


def test_data_bits_beyond_the_format_are_not_sent(kernel, net):
    port, heard = line(net, Format(bits=7), Format(bits=7))
    port.send(b"\xc1")
    kernel.run(10_000)
    assert values(heard) == [(0x41, GOOD)]


def test_wrong_parity_is_noticed(kernel, net):
    port, heard = line(net, Format(parity=0), Format(parity=1))
    port.send(b"\x41")
    kernel.run(10_000)
    assert values(heard) == [(0x41, PARITY)]


def test_missing_parity_bit_is_noticed_where_the_stop_bit_is_not_the_parity(kernel, net):
    # Without parity the stop bit stands where the receiver looks for parity: right for an odd number of ones.
    port, heard = line(net, Format(), Format(parity=0))
    for at, value in ((0, 1), (2_000, 3)):
        kernel.at(at, lambda value=value: port.send(bytes([value])))
    kernel.run(10_000)
    assert values(heard) == [(1, GOOD), (3, PARITY)]


def test_receiver_at_twice_the_rate_hears_garbage_with_framing_errors(kernel, net):
    # 0x55 at half the rate: start and each bit last two of the receiver's, so it sees 0 0 11 00 11 00 | 11 00 ...
    port, heard = line(net, Format(9600), Format(19_200))
    port.send(b"\x55")
    kernel.run(10_000)
    assert values(heard) == [(0b01100110, FRAMING), (0b11100110, GOOD)]


def test_receiver_at_a_third_of_the_rate_takes_several_characters_for_one(kernel, net):
    # The line is low and high for five bits in turn; sampled after 1.5, 4.5, 7.5 ... 28.5: 0, 0 1 0 0 1 1 0 1, 1.
    port, heard = line(net, Format(9600), Format(3200))
    port.send(b"\xf0\xf0\xf0")
    kernel.run(20_000)
    assert values(heard) == [(0b10110010, GOOD)]


def test_rates_that_differ_by_two_percent_are_understood_and_by_ten_not(kernel, net):
    text = bytes(range(256))
    port, heard = line(net, Format(9600), Format(9800))
    port.send(text)
    kernel.run(1_000_000)
    assert values(heard) == [(value, GOOD) for value in text]
    other = Net("other", kernel)
    port, heard = line(other, Format(9600), Format(10_600))
    port.send(text)
    kernel.run(2_000_000)
    assert values(heard) != [(value, GOOD) for value in text]


def test_inverted_line_at_a_plain_receiver_is_garbage(kernel, net):
    port, heard = line(net, Format(is_inverted=True), Format())
    port.send(b"AB")
    kernel.run(10_000)
    assert values(heard) != [(65, GOOD), (66, GOOD)]


def test_break_is_heard_as_such_and_the_line_works_again(kernel, net):
    port, heard = line(net, Format(), Format())
    port.send_break()
    kernel.at(5_000, lambda: port.send(b"x"))
    kernel.run(10_000)
    assert values(heard) == [(0, BREAK), (ord("x"), GOOD)]
    assert list(net.edges)[1:] == [(0, 0), (1355, 1)]


def test_low_pulse_shorter_than_half_a_bit_is_no_start(kernel, net):
    port, heard = line(net, Format(), Format())
    assert port.pending == 0
    hand = net.driver("glitch")
    kernel.at(1_000, lambda: hand.drive(0))
    kernel.at(1_040, hand.release)
    kernel.run(10_000)
    assert heard == []


def test_levels_moved_by_hand_are_understood(kernel, net):
    form = Format(9600)
    heard = []
    net.drive(1)
    UartReceiver(net, form, lambda value, error: heard.append((value, error)))
    for number, level in enumerate(form.levels(0xA7)):
        kernel.at(1_000 + form.bit_ns(number) // 1000, lambda level=level: net.drive(level))
    kernel.run(10_000)
    assert heard == [(0xA7, GOOD)]


def test_two_who_send_at_once_are_a_fault_and_garbled(kernel, net):
    first, heard = line(net, Format(), Format())
    second = UartPort("other", tx=net)
    first.send(b"\x0f")
    kernel.at(300, lambda: second.send(b"\x3c"))
    kernel.run(10_000)
    assert [fault.text for fault in net.faults] == ["contention: sender and other send at once"]
    assert values(heard) == [(0x0C, FRAMING), (0x0C, FRAMING)]


def test_line_held_low_passes_nothing(kernel, net):
    port, heard = line(net, Format(), Format())
    hold = net.driver("stuck")
    hold.drive(0)
    kernel.run(100_000)
    port.send(b"abc")
    kernel.run(200_000)
    assert values(heard) == [(0, BREAK)]


def test_ends_of_a_port(kernel, net):
    back, got, breaks = Net("back", kernel), [], []
    a = UartPort("a", tx=net, rx=back)
    b = UartPort("b", tx=back, rx=net, on_bytes=got.append, on_break=lambda: breaks.append(1))
    a.send(b"hi")
    kernel.run(10_000)
    b.set_format(Format(parity=1))
    a.send(b"\x01")
    kernel.run(20_000)
    a.send_break()
    kernel.run(30_000)
    assert (got, breaks, b.errors, b.breaks) == ([b"h", b"i"], [1], 1, 1)


def test_port_without_power_sends_nothing_and_lets_go_of_the_line(kernel, net):
    port, heard = line(net, Format(), Format())
    net.driver("pull-up").drive(1, strength=1)
    port.send(b"abc")
    kernel.at(1_500, lambda: port.power(on=False))
    kernel.run(2_000)
    port.send(b"x")
    kernel.run(10_000)
    assert (values(heard), net.is_driven()) == ([(ord("a"), GOOD)], False)


def test_joined_nets_carry_characters(kernel, net):
    other = Net("other", kernel)
    heard = []
    UartReceiver(other, Format(), lambda value, error: heard.append(value))
    net.join(other)
    UartPort("a", tx=net).send(b"z")
    kernel.run(10_000)
    assert heard == [ord("z")]


def test_wrong_use_is_refused(net):
    with pytest.raises(UsageError, match="needs rx or tx"):
        UartPort("none")
    with pytest.raises(UsageError, match="has no pin to send on"):
        UartPort("deaf", rx=net).send(b"a")
    with pytest.raises(UsageError, match="has no pin to send on"):
        UartPort("deaf", rx=net).send_break()
    for wrong in ({"baud": 0}, {"bits": 9}, {"parity": 2}, {"stop": 3}):
        with pytest.raises(UsageError, match="no such format"):
            Format(**wrong)
