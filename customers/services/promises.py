"""Making promises, keeping them, and owning up where we did not."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.enums import Anybody, PromiseStepKind
from customers.models import Customer, Interaction, Promise, PromiseStep, TouchPoint
from customers.reminding import PROMISE, write_handed_over
from customers.selectors.handing import handed_meanwhile
from customers.selectors.mistakes import may_take_back
from customers.services.colleagues import write_to_colleague

if TYPE_CHECKING:
    from portal.models import User


@transaction.atomic
def make_promise(
    *,
    customer: Customer,
    text: str,
    due_at: datetime,
    owner: "User | None" = None,
    touch_point: TouchPoint | None = None,
    interaction: Interaction | None = None,
) -> tuple[Promise, bool]:
    """Make a promise and return it with True, or return the open one in the same words for the same time with False.

    Raises:
        ValidationError: nothing is said, or the time has passed.
    """
    if due_at <= timezone.now():
        raise ValidationError({"due_at": _("That time has passed. By when will it be done?")})
    promise = Promise(
        customer=customer,
        text=" ".join(text.split()),
        due_at=due_at,
        owner=owner,
        touch_point=touch_point,
        interaction=interaction,
    )
    promise.clean_fields()
    # A second press of the button is the same promise.
    Customer.objects.select_for_update(no_key=True).only("pk").get(pk=customer.pk)
    same = Promise.objects.open().filter(customer=customer, text=promise.text, due_at=due_at).first()
    if same:
        return same, False
    promise.save()
    promise.refresh_from_db(fields=["made_at"])
    return promise, True


@transaction.atomic
def keep_promise(*, promise: Promise, by: "User | None" = None) -> bool:
    """Record that a promise was kept, now; return False where it was settled already."""
    if not Promise.objects.open().filter(pk=promise.pk).update(kept_at=Now()):
        return False
    PromiseStep.objects.create(promise=promise, step=PromiseStepKind.KEPT, by=by)
    return True


@transaction.atomic
def break_promise(*, promise: Promise, by: "User | None" = None) -> bool:
    """Record that we will not keep a promise; return False where it was settled already."""
    if not Promise.objects.open().filter(pk=promise.pk).update(broken_at=Now()):
        return False
    PromiseStep.objects.create(promise=promise, step=PromiseStepKind.BROKEN, by=by)
    return True


@transaction.atomic
def take_back_promise(*, promise: Promise, by: "User") -> bool:
    """Take back an open promise that was written down by mistake: it counts neither as kept nor as broken.

    Return False where it was settled already.

    Raises:
        ValidationError: it is not for this colleague to take back (any more).
    """
    if not may_take_back_promise(promise=promise, by=by):
        raise ValidationError(_("Only whoever keeps it, within a day of promising, or a lead can take it back."))
    if not Promise.objects.open().filter(pk=promise.pk).update(broken_at=Now(), is_mistaken=True):
        return False
    PromiseStep.objects.create(promise=promise, step=PromiseStepKind.MISTAKEN, by=by)
    return True


def may_take_back_promise(*, promise: Promise, by: "User") -> bool:
    """Whether a colleague may say that a promise was a mistake."""
    own = "customers.change_promise"
    return may_take_back(by=by, whose=promise.owner_id, at=promise.made_at, own=own)


@transaction.atomic
def hand_over_promise(
    *,
    promise: Promise,
    to: "User",
    by: "User | None",
    words: str = "",
    held_by: int | Anybody | None = Anybody.ANYBODY,
) -> bool:
    """Give an open promise to another colleague, and write to them; return False where it is theirs, or settled.

    `held_by`: the owner's number, as the one who hands it over has seen it (None: nobody's).

    Raises:
        ValidationError: they do not work here any more, or may not keep promises; or it has another owner by now.
    """
    if not to.has_perm("customers.change_promise"):
        raise ValidationError({"to": _("Please choose a colleague who works here and may keep promises.")})
    others = Promise.objects.open().filter(pk=promise.pk).exclude(owner=to)
    seen = others if held_by is Anybody.ANYBODY else others.filter(owner=held_by)
    if not seen.update(owner=to):
        if others.exists():
            raise ValidationError(handed_meanwhile(promise.steps.filter(step=PromiseStepKind.HANDED_OVER)))
        return False
    step = PromiseStep.objects.create(
        promise=promise, step=PromiseStepKind.HANDED_OVER, by=by, to=to, words=" ".join(words.split())[:300]
    )
    if to != by:
        note = write_handed_over(promise=promise, by=by)
        write_to_colleague(colleague=to, kind=PROMISE, subject_key=f"{step.pk}", note=note)
    return True
