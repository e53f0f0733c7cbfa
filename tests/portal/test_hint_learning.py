"""The mathematics of hints: against closed forms, and by simulation with a fixed seed."""

from random import Random

import pytest

from portal.hints.choosing import Arm, choose, propensities
from portal.hints.learning import PRIOR_MEANS, SILENT, WORTH, Beta, Tried, posterior, prior
from portal.hints.words import forms_of
from portal.models import HintKind, Situation


def test_every_kind_has_a_prior_in_every_situation() -> None:
    assert set(PRIOR_MEANS) == set(HintKind.values)
    for kind in HintKind.values:
        for situation in Situation.values:
            begin = prior(kind, situation)
            assert begin.mean == pytest.approx(PRIOR_MEANS[kind][situation.split("-")[0]])
            assert begin.hits + begin.misses == pytest.approx(WORTH)


@pytest.mark.parametrize(
    ("used", "not_relevant", "wrong", "silent"), [(0, 0, 0, 0), (5, 0, 0, 0), (1, 2, 3, 40), (0, 7, 0, 500)]
)
def test_the_posterior_adds_successes_and_failures(used: int, not_relevant: int, wrong: int, silent: int) -> None:
    tried = Tried(used + not_relevant + wrong + silent, used, not_relevant, wrong)
    after = posterior(Beta(2.0, 6.0), tried)
    assert after.hits == 2 + used
    assert after.misses == pytest.approx(6 + not_relevant + wrong + SILENT * silent)


def test_intervals_against_closed_forms() -> None:
    # Beta(1, 1) is the uniform; of Beta(n, 1) the distribution function is x to the n, of Beta(1, n) its mirror.
    assert Beta(1, 1).interval() == pytest.approx((0.025, 0.975))
    assert Beta(5, 1).interval() == pytest.approx((0.025**0.2, 0.975**0.2))
    assert Beta(1, 4).interval(0.9) == pytest.approx((1 - 0.95**0.25, 1 - 0.05**0.25))


def test_a_draw_is_the_same_for_the_same_seed_and_follows_the_belief() -> None:
    belief = Beta(3, 7)
    assert belief.draw("contact-1:perk") == belief.draw("contact-1:perk")
    drawn = [belief.draw(str(number)) for number in range(4000)]
    # Mean a/(a+b), variance ab/((a+b)²(a+b+1)); five standard errors.
    variance = 3 * 7 / (100 * 11)
    assert sum(drawn) / 4000 == pytest.approx(0.3, abs=5 * (variance / 4000) ** 0.5)
    assert sum((one - 0.3) ** 2 for one in drawn) / 4000 == pytest.approx(variance, rel=0.15)


def arm(kind: str, *, count: int = 1, most: int = 1, mean: float = 0.5, **more: object) -> Arm:
    return Arm(kind, Beta(1e6 * mean, 1e6 * (1 - mean)), count, most, **more)  # type: ignore[arg-type]


def kinds(*arms: Arm, room: int = 3, seed: str = "s") -> list[tuple[str, int]]:
    return [(one.kind, one.place) for one in choose(arms, seed=seed, room=room)]


def test_the_better_kind_goes_first_and_each_has_one_before_any_has_two() -> None:
    good, fair, poor = arm("a", count=3, most=3, mean=0.9), arm("b", mean=0.5), arm("c", mean=0.1)
    assert kinds(poor, good, fair) == [("a", 0), ("b", 0), ("c", 0)]
    assert kinds(good, fair) == [("a", 0), ("b", 0), ("a", 1)]
    assert kinds(good) == [("a", 0), ("a", 1), ("a", 2)]
    assert kinds() == []


def test_a_cap_holds_and_a_pin_goes_first() -> None:
    assert kinds(arm("a", count=3, most=2)) == [("a", 0), ("a", 1)]
    assert kinds(arm("a", mean=0.9), arm("b", mean=0.1, is_pinned=True)) == [("b", 0), ("a", 0)]


def test_what_was_drawn_in_this_contact_stays_whatever_is_learned_meanwhile() -> None:
    first, second = arm("a", mean=0.1, score=0.8), arm("b", mean=0.9, score=0.2)
    assert kinds(first, second) == [("a", 0), ("b", 0)]


def test_chances_against_closed_forms() -> None:
    # Four alike and room for three: each is in with a chance of 3 in 4 (three standard errors of 600 draws).
    alike = [Arm(kind, Beta(2, 2), 1) for kind in "abcd"]
    for chance in propensities(alike, seed="s", room=3).values():
        assert chance == pytest.approx(0.75, abs=3 * (0.75 * 0.25 / 600) ** 0.5)
    # Beta(n, 1) against Beta(1, 1): the first is larger with a chance of n / (n + 1).
    two = [Arm("a", Beta(3, 1), 1), Arm("b", Beta(1, 1), 1)]
    assert propensities(two, seed="s", room=1)["a", 0] == pytest.approx(0.75, abs=0.055)


def test_a_chance_is_certain_where_there_is_room_for_all_and_never_nought() -> None:
    assert propensities([arm("a", count=9), arm("b")], seed="s", room=3) == {("a", 0): 1.0, ("b", 0): 1.0}
    sure = [arm("a", mean=0.99), arm("b", mean=0.01)]
    assert propensities(sure, seed="s", room=1) == {("a", 0): 1.0, ("b", 0): 1 / 600}
    pinned = [arm("a", mean=0.99), arm("b", mean=0.01, is_pinned=True)]
    assert propensities(pinned, seed="s", room=1)["b", 0] == 1.0


TRUTH = {"gesture": 0.25, "plan_b": 0.35, "preference": 0.30, "perk": 0.75, "service": 0.15}


def simulate(*, learns: bool, contacts: int = 600) -> tuple[float, dict[str, Tried]]:
    """The share of the last 200 contacts with the best kind on top of the page (room for one), and what was tried."""
    world, tried, best = Random(5), dict.fromkeys(TRUTH, Tried()), 0
    for number in range(contacts):
        arms = [
            Arm(kind, posterior(prior(kind, "quiet-spoken"), tried[kind] if learns else Tried()), 1) for kind in TRUTH
        ]
        (one,) = choose(arms, seed=f"contact-{number}", room=1)
        is_used = world.random() < TRUTH[one.kind]
        tried[one.kind] = tried[one.kind].plus(Tried(1, int(is_used), int(not is_used), 0))
        best += number >= contacts - 200 and one.kind == "perk"
    return best / 200, tried


def test_the_better_kind_is_learned_although_the_rules_begin_with_another() -> None:
    share, tried = simulate(learns=True)
    assert share > 0.9
    for kind, counts in tried.items():
        low, high = posterior(prior(kind, "quiet-spoken"), counts).interval(0.999)
        # What was hardly tried is drawn towards the rule, and its range says so.
        assert low < TRUTH[kind] < high, kind
    assert tried["perk"].shown > 400


def test_the_control_that_learns_nothing_does_not() -> None:
    share, _tried = simulate(learns=False)
    assert share < 0.4


def test_silence_alone_makes_room_slowly() -> None:
    ignored = posterior(prior("gesture", "owed-spoken"), Tried(shown=100))
    assert ignored.mean == pytest.approx(0.65 * WORTH / (WORTH + 100 * SILENT))
    refused = posterior(prior("gesture", "owed-spoken"), Tried(shown=100, not_relevant=100))
    assert refused.mean < ignored.mean / 4


@pytest.mark.parametrize(
    ("words", "forms"),
    [
        ("Vase", ["vase", "vases"]),
        ("glass", ["glass", "glasses"]),
        ("mugs", ["mug", "mugs", "mugses"]),
        ("berry", ["berries", "berry", "berrys"]),
        (" candle , , box", ["box", "boxes", "candle", "candles"]),
        ("Gläser", ["gläser", "gläsers"]),
    ],
)
def test_words_are_found_as_one_and_as_many(words: str, forms: list[str]) -> None:
    assert forms_of(words) == forms


@pytest.mark.parametrize("words", ["", " , ,", "tea cup", "tea, a cup", "…"])
def test_what_could_never_be_found_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="Write"):
        forms_of(words)
