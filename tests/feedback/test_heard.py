"""The answers behind a number, and comments by their words: complete, in order, none twice."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from customers.selectors.paging import Place
from feedback.models import Answer
from feedback.selectors.insight import Slice
from feedback.selectors.insight_answers import Wanted, all_answers, answers_page
from feedback.services.tones import note_tones
from tests.factories import make_customer
from tests.feedback.heard import hear, times
from tests.portal.worlds import give_tier, make_tiers

pytestmark = pytest.mark.django_db


def lately() -> Slice:
    today = timezone.localdate()
    return Slice(since=today - timedelta(days=30), until=today)


def found(**wanted: str | bool) -> list[str]:
    page = answers_page(chosen=lately(), wanted=Wanted(**wanted))  # type: ignore[arg-type]
    return [heard.answer.comment for heard in page.rows]


def test_pages_hold_all_answers_the_newest_first_and_none_twice() -> None:
    now = timezone.now()
    for minutes in (5, 3, 3, 3, 9):
        hear("yes", at=now - timedelta(minutes=minutes))
    pages = list(all_answers(chosen=lately(), wanted=Wanted(), size=2))
    assert [len(page) for page in pages] == [2, 2, 1]
    found = [heard.answer for page in pages for heard in page]
    assert found == list(Answer.objects.order_by("-answered_at", "-pk"))
    assert list(all_answers(chosen=lately(), wanted=Wanted(said="no"))) == []


def test_answers_are_told_apart_by_what_was_said() -> None:
    hear("yes", comment="a")
    hear("partly", comment="b")
    hear("no", comment="c")
    hear("yes", comment="d", doubts=("too_soon",))
    hear("yes")
    assert found(said="yes") == ["", "a"]
    assert found(said="no") == ["c"]
    assert found(said="left_out") == ["d"]
    assert found(has_comment=True) == ["d", "c", "b", "a"]


def test_an_answer_carries_the_tier_of_its_day() -> None:
    tier = make_tiers()[2]
    customer = make_customer()
    give_tier(customer, tier, days=5)
    hear("yes", customer=customer, at=timezone.now() - timedelta(days=9))
    hear("yes", customer=customer)
    page = answers_page(chosen=lately(), wanted=Wanted())
    assert [heard.tier_id for heard in page.rows] == [tier.pk, None]


@pytest.mark.parametrize("many", [1, 3])
def test_three_queries_for_a_page(django_assert_num_queries: DjangoAssertNumQueries, many: int) -> None:
    hear(*times(yes=many), comment="Lovely")
    note_tones()
    with django_assert_num_queries(3):
        page = answers_page(chosen=lately(), wanted=Wanted(words="lovely"))
        for heard in page.rows:
            assert heard.answer.invitation.interaction.touch_point.name
            assert heard.answer.invitation.customer.full_name
            assert heard.tone == "Sounds pleased"
    assert len(page.rows) == many


def test_words_are_found_by_their_stem_in_english_and_as_they_stand_elsewhere() -> None:
    hear("no", comment="They promised to deliver it twice")
    hear("no", comment="Delivering took weeks", language="en-GB")
    hear("no", comment="Die Lieferungen kamen deliver", language="de")
    hear("no", comment="Delivering auf Deutsch", language="de")
    assert found(words="deliveries") == []
    assert found(words="deliver") == [
        "Die Lieferungen kamen deliver",
        "Delivering took weeks",
        "They promised to deliver it twice",
    ]
    (switched,) = hear("no", comment="Delivered auf Deutsch")
    Answer.objects.filter(pk=switched.pk).update(language="de")
    assert "Delivered auf Deutsch" not in found(words="deliver"), "the page goes before the letter"
    assert found(words='"took weeks"') == ["Delivering took weeks"]
    assert found(words="deliver -twice -Die") == ["Delivering took weeks"]
    assert found(words="deliver or Deutsch") != []


def test_where_no_word_is_found_letters_are() -> None:
    hear("no", comment="وصل الطرد متأخرا", language="ar")
    hear("no", comment="100% wrong_bill", language="en")
    page = answers_page(chosen=lately(), wanted=Wanted(words="طرد"))
    assert page.by_letters
    assert [heard.answer.comment for heard in page.rows] == ["وصل الطرد متأخرا"]
    assert not answers_page(chosen=lately(), wanted=Wanted(words="متأخرا")).by_letters
    assert found(words="00%") == ["100% wrong_bill"]
    assert found(words="g_b") == ["100% wrong_bill"]
    assert found(words="gxb") == []
    assert found(words="\\") == []


@pytest.mark.parametrize("words", ["'", '"', "a & | b", "!!", "((", "<->", "%", "the", "-", "x" * 200, "🙂", "a:*b"])
def test_odd_words_are_harmless(words: str) -> None:
    hear("yes", comment="It was lovely")
    found(words=words)


def test_comments_are_sorted_by_tone_and_what_nobody_listened_to_is_unknown() -> None:
    hear("yes", comment="It was lovely")
    hear("yes", comment="Es war schön", language="de")
    note_tones()
    hear("no", comment="It was terrible")
    assert found(tone="pleased") == ["It was lovely"]
    assert found(tone="unknown") == ["It was terrible", "Es war schön"]
    assert found(tone="displeased") == []


def test_indexes_know_the_words() -> None:
    hear("yes", comment="It was lovely")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for config in ("simple", "english"):
            cursor.execute(
                f"EXPLAIN SELECT FROM feedback_answer AS answer WHERE NOT answer.comment = '' AND "
                f"to_tsvector('{config}', coalesce(answer.comment, '')) @@ websearch_to_tsquery('{config}', 'lovely')"
            )
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert ("answer_words" if config == "simple" else "answer_english") in plan


def test_a_place_is_read_as_it_was_written() -> None:
    place = Place(datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC), 17)
    assert Place.read(str(place)) == place
    for wrong in ("", "x", "2026-03-01,1", "2026-03-01T12:00:00+00:00", "2026-03-01T12:00:00+00:00,x", ",1"):
        with pytest.raises(ValueError, match=r"\w|^$"):
            Place.read(wrong)
    with pytest.raises(ValueError, match=r"\w|^$"):
        Place.read("2026-03-01T12:00:00+00:00,99999999999999999999")
