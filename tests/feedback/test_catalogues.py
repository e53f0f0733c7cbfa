"""Every text that customers may read is there in each language, and the compiled catalogues say the same."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.utils import translation

from feedback.emails import about, language_of, lead_question, render_invitation
from tests.catalogues import LANGUAGES, kept, read, words_for_customers


def test_the_languages_are_those_of_the_settings() -> None:
    assert [code for code, _name in settings.LANGUAGES] == [settings.LANGUAGE_CODE, *LANGUAGES]


def test_the_sources_are_read() -> None:
    found = {words.text for words in words_for_customers()}
    assert {
        "Yes, I did",
        "Dear %(name)s,",
        "Send my answer",
        "j F",
        "We could not read that. Please try once more.",
    } <= found
    assert {"Did we put it right?", "No, not yet", "%(about)s: a reminder"} <= found
    assert not {"To answer", "Courtesy", "Open the matter"} & found, "nothing that only colleagues read"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_customers_read_is_left_in_english(language: str) -> None:
    catalogue = read(language)
    found = {words: catalogue.get(words.text, words.context) for words in words_for_customers()}
    missing = [words.text for words, message in found.items() if not message or not message.string or message.fuzzy]
    assert not missing, "add them to the .po file; `python -m tests.catalogues` puts them there"


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_and_plurals_are_those_of_the_source(language: str) -> None:
    assert [(message.id, errors) for message, errors in read(language).check()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_translator(language: str) -> None:
    said = {
        f"{message.context}\x04{message.id}" if message.context else str(message.id): message.string
        for message in read(language)
        if message.id and message.string
    }
    compiled = {key: text for key, text in kept(language).items() if key}
    assert compiled == said, "`python -m tests.catalogues` compiles"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "About your call on 1 March"),
        ("de", "Zu Ihrem Anruf am 1. März"),
        ("fr", "À propos de votre appel du 1 mars"),
        ("es", "Sobre su llamada del 1 de marzo"),
        ("pt", "Sobre a sua chamada de 1 de março"),
        ("ar", "بخصوص مكالمتكم بتاريخ 1 مارس"),
    ],
)
def test_a_day_stands_in_a_sentence_as_the_language_has_it(language: str, sentence: str) -> None:
    with translation.override(language):
        said = about(channel="phone", at=datetime(2026, 3, 1, 12, tzinfo=UTC), time_zone="UTC")
    # French writes the first of a month “1er”, Django’s formats do not.
    assert said.casefold() == sentence.casefold()


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_the_letter_is_whole_in_each_language(language: str) -> None:
    letter = render_invitation(language=language, name="Ms <1>", about_it="X", agent="Agent 1", is_reminder=True)
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in letter.html
    with translation.override(language):
        question = lead_question()
    for body in (letter.text, letter.html):
        assert question in body
        assert "Agent 1" in body
        assert body.count("%ANSWER%?a=") == 3
    assert ("Dear" in letter.text) is (language == "en")
    assert letter.language == language
    assert "Ms &lt;1&gt;" in letter.html


@pytest.mark.parametrize(
    ("code", "language"), [("de-AT", "de"), ("pt-BR", "pt"), ("FR", "fr"), ("ar-eg", "ar"), ("nl", "en"), ("", "en")]
)
def test_a_region_falls_back_to_its_language(code: str, language: str) -> None:
    assert language_of(code) == language
