"""Forgetting what a customer said, and closing the ways to say more."""

from datetime import timedelta

import pgtrigger
from django.db.models.functions import Now

from customers.models import Customer
from customers.services.erasing import erase_words, run_for
from feedback.models import Visit

_INVITED = "SELECT id FROM feedback_invitation WHERE customer_id = %(customer)s"
_LINKS = f"SELECT id FROM feedback_link WHERE invitation_id IN ({_INVITED})"  # noqa: S608 (words of ours)

_ANSWERS = f"SELECT id FROM feedback_answer WHERE invitation_id IN ({_INVITED})"  # noqa: S608
_RECOVERIES = "SELECT id FROM feedback_recovery WHERE customer_id = %(customer)s"


def erase_listening(customer: Customer) -> None:
    """Take away comments, what was done, and who opened links; links are dead from now on, and nobody is asked.

    Whether they enjoyed it stays, without their words.
    """
    run_for(customer, f"SELECT FROM ({_INVITED} FOR UPDATE) AS held")
    run_for(
        customer,
        f"UPDATE feedback_link SET expires_at = LEAST(expires_at, now()) WHERE id IN ({_LINKS})",  # noqa: S608
    )
    run_for(customer, f"UPDATE feedback_visit SET fingerprint = '' WHERE link_id IN ({_LINKS})")  # noqa: S608
    run_for(
        customer,
        "UPDATE feedback_invitation SET not_asked = 'no_address', waits_for = '', look_again_at = NULL, "
        "settled_at = now() WHERE waits_for <> '' AND customer_id = %(customer)s",
    )
    erase_words("feedback_answer", customer, "comment", whose=f"invitation_id IN ({_INVITED})", history=True)
    erase_words("feedback_recovery", customer, "what_was_done", history=True)
    erase_words("feedback_reply", customer, "text", whose=f"answer_id IN ({_ANSWERS})", history=True)
    for table in ("feedback_recoverystep", "feedback_putright"):
        erase_words(table, customer, "words", whose=f"recovery_id IN ({_RECOVERIES})")
    run_for(customer, f"DELETE FROM feedback_commenttone WHERE answer_id IN ({_ANSWERS})")  # noqa: S608


def forget_late_visitors() -> int:
    """Take away who opened links of customers who were forgotten within the last day; return of how many visits.

    A page that was asked for before its link died may note its visit only after the erasure. That takes seconds: later
    there is nothing more to come, since a dead link notes none.
    """
    lately = Visit.objects.filter(link__invitation__customer__erasure__erased_at__gt=Now() - timedelta(days=1))
    with pgtrigger.ignore("feedback.Visit:visit_append_only"):
        return lately.exclude(fingerprint="").update(fingerprint="")
