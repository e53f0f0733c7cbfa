"""How a budget is spread: never over it, everybody's turn before anybody's second, chance alike for all."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from feedback.spreading import allowance, draw, spread

STRATA = st.tuples(st.integers(0, 4), st.integers(1, 4), st.sampled_from(["phone", "chat"]))
WAITING = st.dictionaries(STRATA, st.integers(0, 20), max_size=12)
HEARD = st.dictionaries(STRATA, st.floats(0, 2e9), max_size=12)
PLACES = st.integers(0, 60)
CANDIDATES = st.lists(st.tuples(st.integers(1, 1000), STRATA), unique_by=lambda one: one[0], max_size=60)


@given(WAITING, HEARD, PLACES)
def test_no_budget_is_passed_and_none_is_left_while_somebody_waits(
    waiting: dict[tuple[int, int, str], int], heard: dict[tuple[int, int, str], float], places: int
) -> None:
    given_to = spread(waiting, heard, places)
    assert sum(given_to.values()) == min(places, sum(waiting.values()))
    assert all(0 <= given_to[stratum] <= count for stratum, count in waiting.items())


@given(WAITING, HEARD, PLACES)
def test_each_has_its_turn_before_any_has_one_more(
    waiting: dict[tuple[int, int, str], int], heard: dict[tuple[int, int, str], float], places: int
) -> None:
    given_to = spread(waiting, heard, places)
    most = max(given_to.values(), default=0)
    assert all(given_to[stratum] >= min(count, most - 1) for stratum, count in waiting.items())


@given(WAITING, HEARD, PLACES)
def test_those_not_heard_for_the_longest_come_first(
    waiting: dict[tuple[int, int, str], int], heard: dict[tuple[int, int, str], float], places: int
) -> None:
    given_to = spread(waiting, heard, places)
    last = {stratum: heard.get(stratum, -1.0) for stratum, count in waiting.items() if count}
    for mine in last:
        for other in last:
            if last[mine] < last[other] and given_to[mine] < given_to[other]:
                assert given_to[mine] == waiting[mine], "there was nobody left to hear"


def test_in_turn_every_stratum_is_heard_even_with_one_place_a_draw() -> None:
    waiting = {("gold", number): 1000 for number in range(5)} | {("rare", 0): 1}
    heard: dict[tuple[str, int], float] = {}
    for now in range(6):
        (chosen,) = (stratum for stratum, count in spread(waiting, heard, 1).items() if count)
        heard[chosen] = float(now)
    assert set(heard) == set(waiting)


@given(CANDIDATES, HEARD, PLACES, st.randoms())
def test_a_draw_is_the_same_in_whatever_order(
    candidates: list[tuple[int, tuple[int, int, str]]],
    heard: dict[tuple[int, int, str], float],
    places: int,
    chance: Random,
) -> None:
    drawn = draw(candidates, heard, places, seed="today")
    shuffled = list(candidates)
    chance.shuffle(shuffled)
    assert draw(shuffled, heard, places, seed="today") == drawn
    assert len(drawn) == len(candidates)
    assert sum(one.is_chosen for one in drawn.values()) == min(places, len(candidates))


@given(CANDIDATES, HEARD, PLACES)
def test_the_chance_is_the_share_of_the_stratum_that_was_chosen(
    candidates: list[tuple[int, tuple[int, int, str]]], heard: dict[tuple[int, int, str], float], places: int
) -> None:
    drawn = draw(candidates, heard, places, seed="today")
    waiting = Counter(stratum for _number, stratum in candidates)
    chosen = Counter(stratum for number, stratum in candidates if drawn[number].is_chosen)
    assert all(drawn[number].chance == chosen[stratum] / waiting[stratum] for number, stratum in candidates)


def test_within_a_stratum_everybody_is_chosen_alike_often() -> None:
    """Weighted by 1 ÷ chance, what was asked adds up to all of them."""
    times: Counter[int] = Counter()
    for day in range(2000):
        drawn = draw([(number, "all") for number in range(10)], {}, 3, seed=str(day))
        times.update(number for number, one in drawn.items() if one.is_chosen)
    assert all(520 < times[number] < 680 for number in range(10)), times


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.floats(-1, 2))
def test_an_allowance_never_passes_the_budget(budget: int, asked: int, share: float) -> None:
    more = allowance(budget=budget, asked=asked, share=share)
    assert more >= 0
    assert more == 0 or more + asked <= budget


def test_an_allowance_is_let_go_bit_by_bit_and_all_of_it_by_the_end() -> None:
    by_hour = [allowance(budget=100, asked=0, share=hour / 24) for hour in range(25)]
    assert by_hour == sorted(by_hour)
    assert (by_hour[0], by_hour[12], by_hour[24]) == (0, 50, 100)
    assert allowance(budget=1, asked=0, share=1.0) == 1
