"""Who waits for a stream is told once."""

from simulator.lan.endpoint import Listener, StreamEndpoint, Waitable


def test_changed_calls_each_waiter_once():
    calls = []
    thing = Waitable()
    thing.on_change(lambda: calls.append("a"))
    thing.changed()
    thing.changed()
    assert calls == ["a"]


def test_changed_with_waiter_that_asks_again_calls_it_next_time_only():
    calls = []
    thing = Waitable()

    def waiter():
        calls.append(len(calls))
        thing.on_change(waiter)

    thing.on_change(waiter)
    thing.changed()
    assert calls == [0]
    thing.changed()
    assert calls == [0, 1]


def test_off_change_takes_the_waiter_back():
    calls = []
    thing = Waitable()
    waiter = lambda: calls.append("a")  # noqa: E731
    thing.on_change(waiter)
    thing.off_change(waiter)
    thing.off_change(waiter)
    thing.changed()
    assert calls == []


def test_listener_with_backlog_zero_takes_one():
    listener = Listener(80, 0)
    assert not listener.full
    listener.offer(StreamEndpoint(("10.0.1.2", 80), ("10.0.1.3", 50000)))
    assert listener.full
    assert listener.pop() is not None
    assert listener.pop() is None
