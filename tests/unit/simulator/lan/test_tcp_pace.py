"""The time-out that follows the round trips, and the congestion window. Times in ticks of 500 ms."""

import pytest

from simulator.lan.tcp_pace import Congestion, RoundTrip
from simulator.lan.tcp_segment import MSS


def measure(trip, *ticks):
    """Round trips that took so long; returns the time-out after each."""
    found = []
    for tick in ticks:
        trip.begin(0, 0)
        trip.end(1, tick)
        found.append(trip.rto)
    return found


def test_time_out_stays_at_1_5_s_while_answers_come_within_a_tick():
    assert measure(RoundTrip(), 0, 0, 0) == [3, 3, 3]


def test_time_out_follows_long_round_trips_as_van_jacobson_says():
    # sa += m - sa/8; sv += |m - sa/8| - sv/4; rto = sa/8 + sv; worked by hand
    assert measure(RoundTrip(), 4, 4, 4, 4) == [7, 11, 12, 13]


def test_time_out_comes_down_again():
    trip = RoundTrip()
    measure(trip, 4, 4, 4, 4)
    assert measure(trip, *[0] * 40)[-1] <= 5


def test_what_was_sent_again_is_not_measured_from_its_first_time():
    trip = RoundTrip()
    trip.begin(0, 0)
    trip.restart(0, 100)
    trip.end(1, 100)
    assert trip.rto == 3


def test_only_one_segment_at_a_time_is_measured():
    trip = RoundTrip()
    trip.begin(0, 0)
    trip.begin(10, 6)
    trip.end(20, 6)
    assert trip.rto == 9


def test_acknowledgement_of_something_earlier_measures_nothing():
    trip = RoundTrip()
    trip.begin(10, 0)
    trip.end(10, 50)
    assert trip.rto == 3


@pytest.mark.parametrize(("repeats", "rto"), [(0, 6), (1, 12), (2, 24), (5, 192), (6, 384), (7, 384), (30, 384)])
def test_time_out_doubles_seven_times_at_most(repeats, rto):
    trip = RoundTrip()
    trip.back_off(repeats)
    assert trip.rto == rto
    trip.settle()
    assert trip.rto == 3


def test_congestion_window_begins_with_4380_bytes_and_grows_with_each_answer():
    congestion = Congestion()
    assert congestion.window == 4380
    congestion.acknowledged(MSS, MSS)
    assert congestion.window == 4380 + MSS


def test_congestion_window_beyond_the_threshold_grows_by_a_segment_per_window():
    congestion = Congestion()
    congestion.acknowledged(MSS, MSS)
    window = congestion.window
    for count in range(4):
        congestion.acknowledged(MSS, (count + 2) * MSS)
    assert congestion.window == window
    congestion.acknowledged(MSS, 6 * MSS)
    assert congestion.window == window + MSS


def test_congestion_window_after_a_time_out_is_one_segment_and_grows_slowly():
    congestion = Congestion()
    congestion.time_out(4 * MSS, 3 * MSS)
    assert congestion.window == MSS
    congestion.acknowledged(2 * MSS, 2 * MSS)
    assert congestion.window == 2 * MSS


def test_congestion_window_after_a_lost_segment_is_halved_once_it_has_arrived():
    congestion = Congestion()
    congestion.lose(4 * MSS)
    assert (congestion.window, congestion.recovering) == (5 * MSS, True)
    congestion.inflate()
    assert congestion.window == 6 * MSS
    congestion.acknowledged(MSS, MSS)
    assert not congestion.recovering
    assert congestion.window == 2 * MSS
