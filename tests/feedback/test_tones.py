"""How comments sound: a hint beside the words, kept with what told it."""

import subprocess
import sys
from typing import Any

import pytest
from django.db import IntegrityError

from feedback import tones
from feedback.models import CommentTone
from feedback.services.answers import add_comment
from feedback.services.tones import note_tones
from feedback.tasks import note_tones as task
from tests.conftest import ROOT
from tests.feedback.heard import hear


@pytest.mark.parametrize(
    ("text", "language", "tone"),
    [
        ("It was lovely, thank you so much", "en", "pleased"),
        ("Terrible. Such rude people!", "en-GB", "displeased"),
        ("Not good at all", "en", "displeased"),
        ("The parcel came on Tuesday", "en", "neither"),
        ("Es war wunderbar", "de", "unknown"),
        ("It was lovely", "", "unknown"),
        ("Sehr freundlich, danke.", "en", "unknown"),
        ("Personne ne m'a rappelée.", "en", "unknown"),
        # Words of two languages are not enough, though the lexicon has a tone for some.
        ("Das war super, sehr nett", "en", "unknown"),
        ("Le service est excellent et rapide", "en", "unknown"),
        ("Das Personal war nett, aber das Bad war nass", "en", "unknown"),
        ("The parcel’s late and you didn’t ring", "en", "displeased"),
        ("👍 !!", "en", "unknown"),
    ],
)
def test_english_alone_has_a_tone(text: str, language: str, tone: str) -> None:
    assert tones.tone_of(text, language) == tone


def test_nobody_waits_for_the_lexicon_before_there_is_a_comment() -> None:
    code = "import django; django.setup(); import sys, feedback.tasks, portal.urls; print('textblob' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.django_db
def test_tones_are_noted_once_and_with_the_version() -> None:
    (kind,) = hear("yes", comment="It was lovely")
    (german,) = hear("no", comment="Es war furchtbar", language="de")
    hear("yes")
    assert note_tones() == 2
    task()
    assert note_tones() == 0
    noted = {one.answer_id: one.tone for one in CommentTone.objects.all()}
    assert noted == {kind.pk: "pleased", german.pk: "unknown"}
    assert CommentTone.objects.values_list("told_by", flat=True)[0] == tones.maker()
    # Another version listens again.
    CommentTone.objects.update(told_by="TextBlob 0.0", tone="displeased")
    assert note_tones(limit=1) == 1
    assert note_tones() == 1
    assert CommentTone.objects.get(answer=kind).tone == "pleased"


@pytest.mark.django_db
def test_the_page_that_words_were_written_on_goes_before_the_letter() -> None:
    # A sentence that English has too, but for the page.
    (answer,) = hear("no")
    add_comment(invitation=answer.invitation, comment="Bad service im Laden", language="de")
    note_tones()
    assert CommentTone.objects.get(answer=answer).tone == "unknown"
    (other,) = hear("yes", language="de")
    add_comment(invitation=other.invitation, comment="It was lovely", language="en")
    note_tones()
    assert CommentTone.objects.get(answer=other).tone == "pleased"


@pytest.mark.django_db
def test_a_tone_goes_with_the_words_it_was_told_of() -> None:
    (answer,) = hear("yes", comment="It was lovely")
    note_tones()
    answer.enjoyed = "partly"
    answer.save(update_fields=["enjoyed"])
    assert CommentTone.objects.exists()
    assert add_comment(invitation=answer.invitation, comment="It was terrible")
    assert not CommentTone.objects.exists()
    note_tones()
    assert CommentTone.objects.get().tone == "displeased"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"tone": "angry", "told_by": "x"}, "commenttone_known"),
        ({"tone": "pleased", "told_by": ""}, "commenttone_says_by_what"),
    ],
)
def test_what_the_database_refuses(fields: dict[str, Any], name: str) -> None:
    (answer,) = hear("yes", comment="It was lovely")
    with pytest.raises(IntegrityError, match=name):
        CommentTone.objects.create(answer=answer, **fields)
