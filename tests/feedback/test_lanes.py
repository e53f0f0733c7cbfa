"""Workers that ask at once share the lanes, and no customer is in two of them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from customers.models import Letter
from feedback import tasks
from feedback.models import Invitation
from feedback.services import invitations
from feedback.services.invitations import invite, invite_new
from tests.feedback.makers import make_closed

pytestmark = pytest.mark.django_db


def elsewhere(deed: Callable[[], int]) -> int:
    """Do this over a connection of its own, and return what it says."""

    def work() -> int:
        try:
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


@pytest.mark.django_db(transaction=True)
def test_workers_share_the_lanes_and_a_customer_has_one() -> None:
    interactions = [make_closed() for _ in range(6)]
    lanes = {one.customer_id % invitations.LANES for one in interactions}
    assert len(lanes) == invitations.LANES > 1
    mine = interactions[0].customer_id % invitations.LANES
    with transaction.atomic():
        # One lane is taken, and its set is not committed yet.
        looked = invitations._invite_lane(lane=mine, limit=100, after=None)
        helped = elsewhere(invite_new)
        assert {one % invitations.LANES for one in Invitation.objects.values_list("customer", flat=True)} == lanes
        # Nobody who has the rules alone comes between: not a look at those that wait, not the manager's own.
        assert elsewhere(invite) == 0
    assert looked.number + helped == 6
    assert helped == sum(one.customer_id % invitations.LANES != mine for one in interactions)
    assert Letter.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_nobody_enters_a_lane_while_another_has_the_rules_alone() -> None:
    make_closed()
    with transaction.atomic():
        assert invitations._hold_rules()
        assert elsewhere(invite_new) == 0
    assert invite_new() == 1


@pytest.mark.parametrize(("due", "helpers"), [(3, 0), (4, 1)])
def test_others_are_asked_to_help_where_many_are_due(due: int, helpers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[None] = []
    monkeypatch.setattr(invitations, "BATCH", 4)
    monkeypatch.setattr(tasks.invite_more, "delay", lambda: asked.append(None))
    for _ in range(due):
        make_closed()
    tasks.invite_due()
    assert len(asked) == helpers * (invitations.LANES - 1)
    assert Letter.objects.count() == due
    tasks.invite_more()
    assert Letter.objects.count() == due
