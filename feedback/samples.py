"""Samples of what we write to customers and to each other, for whoever wants to see it first."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from customers.emails import Sample, SampleKind
from customers.enums import Channel
from customers.models import Customer, Interaction, TouchPoint
from customers.notes import Note
from feedback.amends import (
    CHASE,
    HANDED_OVER,
    MENDED,
    PUT_RIGHT,
    kind_words,
    write_chase,
    write_handed_over,
    write_mended,
    write_put_right,
)
from feedback.emails import INVITATION, REMINDER, Written, write_invitation
from feedback.enums import Chased
from feedback.giving_letter import GESTURE, write_gesture
from feedback.models import GestureKind, Recovery
from feedback.starter_giving import flowers

# The invitation where something had to be mended first.
AFTER_MENDING = f"{INVITATION}.after_mending"


def sample_invitation(language: str) -> Sample:
    """Write the letter that asks how it was."""
    interaction = _interaction(language)
    return _sample(write_invitation(customer=interaction.customer, interaction=interaction))


def sample_after_mending(language: str) -> Sample:
    """Write the letter that asks how it was once something is mended."""
    interaction = _interaction(language)
    return _sample(write_invitation(customer=interaction.customer, interaction=interaction, is_after_mending=True))


def sample_reminder(language: str) -> Sample:
    """Write the letter that asks once more."""
    interaction = _interaction(language)
    return _sample(write_invitation(customer=interaction.customer, interaction=interaction, is_reminder=True))


def sample_mended(language: str) -> Sample:
    """Write a personal letter with the words that a colleague finds there to begin with."""
    interaction, by = _interaction(language), get_user_model()(display_name="Colleague 1")
    words = kind_words(language=language)
    return _sample(write_mended(customer=interaction.customer, interaction=interaction, words=words, by=by))


def sample_put_right(language: str) -> Sample:
    """Write the letter that asks whether we put it right."""
    interaction = _interaction(language)
    return _sample(write_put_right(customer=interaction.customer, interaction=interaction))


def sample_gesture(language: str) -> Sample:
    """Write the letter that confirms a gesture."""
    customer, by = Customer(full_name="Customer 1", language=language), get_user_model()(display_name="Colleague 1")
    return _sample(write_gesture(customer=customer, kind=GestureKind(words=flowers()), by=by))


def sample_chase(language: str) -> Sample:
    """Write the letter to a colleague who is to mend something, as it is when that is late."""
    with translation.override(language):
        return _of_note(write_chase(recovery=_recovery(), stage=Chased.LATE))


def sample_handed_over(language: str) -> Sample:
    """Write the letter to a colleague whose matter it is now."""
    with translation.override(language):
        by = get_user_model()(display_name="Colleague 1")
        return _of_note(write_handed_over(recovery=_recovery(), by=by))


SAMPLES = (
    SampleKind(INVITATION, _("Asking how it was"), sample_invitation),
    SampleKind(AFTER_MENDING, _("Asking how it was, after something was mended"), sample_after_mending),
    SampleKind(REMINDER, _("Asking once more"), sample_reminder),
    SampleKind(MENDED, _("A personal letter about what was mended"), sample_mended),
    SampleKind(PUT_RIGHT, _("Asking whether we put it right"), sample_put_right),
    SampleKind(GESTURE, _("Confirming a gesture"), sample_gesture),
    SampleKind(CHASE, _("To a colleague: amends that are late"), sample_chase, is_for_colleagues=True),
    SampleKind(HANDED_OVER, _("To a colleague: amends handed over"), sample_handed_over, is_for_colleagues=True),
)


def _interaction(language: str) -> Interaction:
    """Return a call today of a customer whom nobody is."""
    return Interaction(
        customer=Customer(full_name="Customer 1", language=language),
        touch_point=TouchPoint(slug="sample", name="Sample"),
        channel=Channel.PHONE,
        opened_at=timezone.now(),
        closed_at=timezone.now(),
    )


def _recovery() -> Recovery:
    return Recovery(pk=0, customer=Customer(full_name="Customer 1"), due_at=timezone.now())


def _sample(written: Written) -> Sample:
    return Sample(written.language, written.subject, written.text, written.html, written.headers)


def _of_note(note: Note) -> Sample:
    return Sample(settings.LANGUAGE_CODE, note.subject, note.text, note.html, {})
