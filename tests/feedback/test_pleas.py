"""Words that ask for help, and words that do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.pleas import _PHRASES, asks_for_help

PLEAS = [
    ("en", "Friendly, but please RING ME back."),
    ("en", "I still haven’t had my refund"),
    ("en", "Where is my parcel?"),
    ("en", "I want to speak to a manager"),
    ("de", "Könnten Sie mich bitte zurückrufen?"),
    ("de", "Ich warte immer noch auf mein Geld."),
    ("de-AT", "Ich möchte mich beschweren"),
    ("fr", "Rappelez-moi s’il vous plaît"),
    ("fr", "Je n'ai toujours pas reçu ma commande"),
    ("es", "¡Todavía no ha llegado!"),
    ("es", "Necesito ayuda con mi pedido"),
    ("pt", "Ainda não recebi a encomenda"),
    ("pt-BR", "Por favor, me liguem"),
    ("ar", "لم يصل الطلب بعد"),
    ("ar", "أرجو المساعدة"),
    ("ar", "أُريدُ اسْتِرْدادَ أموالي"),
    ("de", "Please call me"),
    ("nl", "Necesito ayuda"),
    ("", "please help"),
]
NO_PLEAS = [
    ("en", "Thank you for your help, you were wonderful"),
    ("en", "Quick and kind. A real person who knew my order."),
    ("en", "Very helpful. I recall it well."),
    ("en", ""),
    ("de", "Vielen Dank für Ihre Hilfe, sehr freundlich."),
    ("fr", "Très aimable, merci de votre aide."),
    ("es", "Muy amable, gracias por su ayuda."),
    ("pt", "Muito obrigado pela ajuda."),
    ("ar", "شكرا جزيلا على المساعدة"),
    ("nl", "Vriendelijk en snel."),
]


@pytest.mark.parametrize(("language", "text"), PLEAS)
def test_a_plea_is_heard(language: str, text: str) -> None:
    assert asks_for_help(text, language)


@pytest.mark.parametrize(("language", "text"), NO_PLEAS)
def test_a_kind_word_asks_for_nothing(language: str, text: str) -> None:
    assert not asks_for_help(text, language)


def test_every_phrase_of_every_list_is_heard_in_its_language() -> None:
    for language, phrases in _PHRASES.items():
        for phrase in phrases.split(";"):
            assert asks_for_help(f"« {phrase.strip().rstrip('*').upper()} »!", language), phrase


@given(st.text(max_size=300), st.text(max_size=12))
def test_no_text_is_too_strange(text: str, language: str) -> None:
    assert asks_for_help(text, language) in (True, False)
    assert asks_for_help(f"{text}\nplease help", "en")
