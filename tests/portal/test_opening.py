"""The line to open with: by tables, and what must never be said, whatever the facts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.contact.opening import ANSWER, APOLOGIES, CELEBRATIONS, PROMISE, WAITING, Facts, Kind, Line, choose
from portal.contact.wording import write_line

LANGUAGES = ("en", "de", "fr", "es", "pt", "ar")
GREETINGS = {Kind.GREETING, Kind.HELP}
NAME = "Ms One"


def said(language: str = "en", **known: Any) -> str:
    facts = Facts(name=NAME, **known)

    def write(line: Line) -> list[str]:
        return [write_line(line, facts, language=one, house="en") for one in dict.fromkeys(("en", language))]

    return write(choose(facts, write))[-1]


STAY = " I will stay with it until it is put right."
GOOD = "Ms One, thank you for coming back to us. It is good to have you here."


@pytest.mark.parametrize(
    ("known", "line"),
    [
        ({"hour": 4}, "Good morning, Ms One. How can I help you?"),
        ({"hour": 12}, "Good afternoon, Ms One. How can I help you?"),
        ({"hour": 18}, "Good evening, Ms One. How can I help you?"),
        ({"hour": 3}, "Good evening, Ms One. How can I help you?"),
        ({"owed": ("late",)}, f"Ms One, we owe you an apology: your order came late.{STAY}"),
        (
            {"owed": ("broken", "courtesy", "late")},
            "Ms One, we owe you an apology: what we sent you arrived broken, and we did not treat you as we should "
            f"have.{STAY}",
        ),
        ({"owed": ("late", "late")}, f"Ms One, we owe you an apology: your order came late.{STAY}"),
        (
            {"owed": (PROMISE,), "promise": "Send the lamp again."},
            f"Ms One, we owe you an apology: we promised to send the lamp again, and have not done it yet.{STAY}",
        ),
        (
            {"owed": (PROMISE,), "promise": "VAT receipt by post"},
            f"Ms One, we owe you an apology: we have not kept our promise to you.{STAY}",
        ),
        ({"owed": (WAITING,)}, "Ms One, I am sorry that we kept you waiting. Now I am here for you."),
        ({"owed": (ANSWER,), "refuses_asking": True}, f"Ms One, we owe you an apology.{STAY}"),
        ({"is_mended": True}, "Ms One, thank you for your patience with us. I hope that all is well now."),
        ({"has_come_back": True, "is_tenth": True, "since_year": 2014}, GOOD),
        (
            {"is_tenth": True, "since_year": 2014},
            "Ms One, that was your tenth order with us. Thank you: it is good to have you here.",
        ),
        (
            {"since_year": 2014},
            "Ms One, you have been with us since 2014, to the week. Thank you for staying.",
        ),
        ({"is_mended": True, "is_tenth": True, "is_troubled": True}, "Good morning, Ms One. How can I help you?"),
        ({"is_tenth": True, "refuses_news": True}, "Good morning, Ms One. How can I help you?"),
        # What a note forbids is not said: the next best line is.
        (
            {"owed": ("late", "broken"), "cautions": ("Do not mention the late parcel",)},
            f"Ms One, we owe you an apology: what we sent you arrived broken.{STAY}",
        ),
        (
            {"owed": (PROMISE,), "promise": "Send the wedding list", "cautions": ("Never speak of weddings",)},
            f"Ms One, we owe you an apology: we have not kept our promise to you.{STAY}",
        ),
        ({"owed": ("late",), "cautions": ("Do not say sorry again",)}, "Good morning, Ms One. How can I help you?"),
        ({"since_year": 2014, "cautions": ("No anniversaries",)}, "Good morning, Ms One. How can I help you?"),
        ({"cautions": ("Do not call her Ms One",)}, "How can I help you?"),
        # A private note that the reader may not see: nothing is named.
        ({"owed": ("late",), "is_guarded": True}, f"Ms One, we owe you an apology.{STAY}"),
        ({"is_tenth": True, "is_guarded": True}, "Good morning, Ms One. How can I help you?"),
    ],
)
def test_what_is_said(known: dict[str, Any], line: str) -> None:
    assert said(**known) == line


def test_a_note_in_the_customers_language_is_heeded_too() -> None:
    assert "zu spät" in said("de", owed=("late",))
    assert "zu spät" not in said("de", owed=("late",), cautions=("Bestellung nicht erwähnen",))


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_each_line_is_in_each_language(language: str) -> None:
    """In none is a word of English left, but for the name."""
    things = ("late", "broken", "returned", "wrong_bill", "waiting", "courtesy", "mix_up", "digital", "other")
    for thing in (*things, PROMISE, ANSWER):
        assert said(language, owed=(thing,)) != said(owed=(thing,))
    told = said(language, owed=(PROMISE, "late"), promise="Send the lamp")
    assert "lamp" not in told, "what a colleague wrote is English"
    assert NAME in told


facts = st.builds(
    Facts,
    name=st.just(NAME),
    hour=st.integers(0, 23),
    owed=st.lists(st.sampled_from(("late", "broken", PROMISE, ANSWER, WAITING, "other")), max_size=4).map(tuple),
    promise=st.sampled_from(("", "Send the lamp", "Ring about the wedding")),
    is_troubled=st.booleans(),
    is_mended=st.booleans(),
    has_come_back=st.booleans(),
    is_tenth=st.booleans(),
    since_year=st.none() | st.just(2014),
    cautions=st.lists(
        st.sampled_from(("Do not mention the wedding", "No lamps", "Never say late", "Nothing about waiting")),
        max_size=3,
    ).map(tuple),
    is_guarded=st.booleans(),
    refuses_asking=st.booleans(),
    refuses_news=st.booleans(),
)


@given(facts, st.sampled_from(LANGUAGES))
def test_what_is_never_said(known: Facts, language: str) -> None:
    def write(line: Line) -> list[str]:
        return [write_line(line, known, language=one, house="en") for one in ("en", language)]

    line = choose(known, write)
    text = write(line)[0].lower()
    if known.owed:
        assert line.kind in APOLOGIES | GREETINGS, "no celebration while we owe an apology"
    if known.refuses_news or known.is_troubled:
        assert line.kind not in CELEBRATIONS
    if known.is_guarded:
        assert not line.things
    for caution in known.cautions:
        assert caution.lower().rstrip("s").split()[-1] not in text.replace("how can i help", "")
    if known.refuses_asking:
        assert ANSWER not in line.things
