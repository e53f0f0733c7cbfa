"""How alike two records are, which are compared at all, and both measured on FEBRL's dataset 4."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.likeness.blocking import Recipe, keys_of, sound
from customers.likeness.comparing import Level, by_addresses, by_letters, by_names, by_slips, exactly
from customers.likeness.house import PROPOSE_FROM, RECIPES, WEIGHTS, describe
from customers.likeness.scoring import compare_records
from tests.benchmarks.duplicates import FOLDER, measure


def record(name: str, **fields: object) -> dict[str, list[str]]:
    told = {
        "names": [name], "given_name": "", "family_name": "", "city": "", "country": "",
        "phones": [], "emails": [],
    }  # fmt: skip
    return describe(**(told | fields))  # type: ignore[arg-type]


@pytest.mark.skipif(not (FOLDER / "dataset4a.csv").exists(), reason=f"FEBRL's datasets are not in {FOLDER}")
def test_recall_and_precision_on_febrl_and_few_pairs() -> None:
    measured = measure()
    assert measured.records == 10_000
    assert measured.recall >= 0.995
    assert measured.precision >= 0.995
    assert measured.blocking_recall >= 0.998
    assert measured.compared_pairs < 3 * measured.records


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("maria okafor", "okafor maria", Level.SAME),
        ("maria okafor", "marie okafor", Level.ALIKE),
        ("m okafor", "maria okafor", Level.ALIKE),
        ("maria okafor", "maria chidi okafor", Level.ALIKE),
        ("m o", "maria okafor", Level.DIFFERENT),
        ("okafor", "maria okafor", Level.DIFFERENT),
        ("peter okafor", "maria okafor", Level.DIFFERENT),
    ],
)
def test_names(one: str, other: str, level: Level) -> None:
    assert by_names([one], [other]) == by_names([other], [one]) == level


def test_other_comparisons() -> None:
    assert exactly(["a", "b"], ["b"]) == Level.SAME
    assert exactly([], ["b"]) == Level.UNKNOWN
    assert by_letters(["martha"], ["marhta"]) == Level.ALIKE
    assert by_letters(["leeds"], ["york"]) == Level.DIFFERENT
    assert by_slips(["19151111"], ["19151101"]) == by_slips(["12345"], ["12354"]) == Level.ALIKE
    assert by_slips(["1234"], ["1235"]) == Level.DIFFERENT, "too short to slip"
    assert by_addresses(["maria@mail.example"], ["mria@mail.example"]) == Level.ALIKE
    assert by_addresses(["maria17@mail.example"], ["maria18@mail.example"]) == Level.DIFFERENT, "another mailbox"


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("robert", "r163"),
        ("rupert", "r163"),
        ("ashcraft", "a261"),
        ("tymczak", "t522"),
        ("pfister", "p236"),
        ("lee", "l000"),
    ],
)
def test_soundex_as_published(word: str, code: str) -> None:
    assert sound(word) == code


HOUSEHOLD = {"phones": ["+442079460111"], "city": "Leeds", "country": "GB"}


@pytest.mark.parametrize(
    ("one", "other", "is_proposed"),
    [
        (record("Maria Okafor", phones=["+442079460111"]), record("Marie Okafor", phones=["+442079460111"]), True),
        (
            record("Maria Okafor", emails=["m@x.example"]),
            record("Maria Meyer", emails=["m@x.example"], country="GB"),
            False,
        ),
        (record("Maria Okafor", emails=["m@x.example"]), record("M. Okafor", emails=["m@x.example"]), True),
        (record("Maria Okafor", city="Leeds", country="GB"), record("Maria Okafor", city="Leeds", country="GB"), True),
        # A phone alone, of a household or an office, is no reason.
        (record("Maria Okafor", **HOUSEHOLD), record("Peter Okafor", **HOUSEHOLD), False),
        (record("Maria Okafor", **HOUSEHOLD), record("Jo Smith", **HOUSEHOLD), False),
        (record("Maria Okafor"), record("Peter Smith"), False),
    ],
)
def test_what_the_house_proposes(one: dict[str, list[str]], other: dict[str, list[str]], is_proposed: bool) -> None:
    assert (compare_records(one, other, WEIGHTS).bits >= PROPOSE_FROM) is is_proposed


TEXTS = st.lists(st.text("abcdeé -", max_size=12), max_size=3)
RECORDS = st.fixed_dictionaries(dict.fromkeys(("name", "email", "phone", "city", "country", "family", "given"), TEXTS))


@given(RECORDS, RECORDS)
def test_it_makes_no_difference_who_comes_first(one: dict[str, list[str]], other: dict[str, list[str]]) -> None:
    here, there = compare_records(one, other, WEIGHTS), compare_records(other, one, WEIGHTS)
    assert here.bits == pytest.approx(there.bits)
    assert here.levels == there.levels
    assert keys_of(one, RECIPES) == keys_of({name: values[::-1] for name, values in one.items()}, RECIPES)


def test_no_key_where_a_field_is_not_known() -> None:
    assert list(Recipe.of("email").keys({"email": []})) == []
    assert len(keys_of({"family": ["meyer"], "given": ["maria"]}, RECIPES)) == 1
