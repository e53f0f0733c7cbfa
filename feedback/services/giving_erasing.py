"""Forgetting what a customer was given and for what reason; what it cost stays."""

from customers.models import Customer
from customers.services.erasing import erase_words, run_for

_GIVEN = "gesture_id IN (SELECT id FROM customers_gesture WHERE customer_id = %(customer)s)"


def erase_giving(customer: Customer) -> None:
    """Take away the words of requests and of the ledger; what still waits for an answer lapses."""
    run_for(
        customer,
        "UPDATE feedback_gesturerequest SET state = 'lapsed', answered_at = now() "
        "WHERE state = 'open' AND customer_id = %(customer)s",
    )
    erase_words("feedback_gesturerequest", customer, "reason", "answer")
    erase_words("feedback_givingentry", customer, "words", whose=_GIVEN)
