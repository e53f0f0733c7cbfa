"""Names as they are searched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.names import fold, search_words, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Zoë", "zoe"),
        ("Strauß", "strauss"),
        ("STRAUẞ", "strauss"),
        ("Søren", "soren"),
        ("Żółć", "zolc"),
        ("Đorđe", "dorde"),
        ("Æsa Œuvrard", "aesa oeuvrard"),
        ("Işık", "isik"),
        ("İstanbul", "istanbul"),
        ("Þór", "thor"),
        ("Ｗｉｄｅ", "wide"),
        ("ﬁn", "fin"),
        ("Nguyễn", "nguyen"),
        ("Ångström", "angstrom"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_words() -> None:
    assert words("  Anne-Marie  O’Brien, jr. ") == ["anne", "marie", "obrien", "jr"]
    assert words("राम 山田太郎 Customer 1") == [fold("राम"), "山田太郎", "customer", "1"]
    assert words("!?… \x00 %_\\") == []
    assert words("a" * 150) == ["a" * 100]


def test_search_words_know_both_ways_of_writing() -> None:
    assert search_words("O'Brien", "Anne O'Brien", "") == {"o", "brien", "obrien", "anne"}


@given(st.text(max_size=60))
def test_fold_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert all(word == fold(word) for word in words(text))


@given(st.text(max_size=60))
def test_a_name_is_found_by_itself_in_any_case(text: str) -> None:
    assert set(words(text)) <= search_words(text)


@given(st.text(st.characters(codec="ascii")))
def test_plain_letters_are_read_as_all_others_are(text: str) -> None:
    assert f"{fold(text)}z" == fold(f"{text}ž")
    assert [*words(text), "z"] == words(f"{text} ž")
