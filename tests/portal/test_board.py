"""Boards page by page: nothing is left out and nothing comes twice, whatever has the same time."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Promise
from customers.selectors.paging import Place
from feedback.models import Cause, Recovery
from feedback.starter import ensure_causes
from portal.board import PER_PAGE, Board, Wanted
from portal.mending import selectors as mending
from portal.promises import selectors as promises
from portal.roles import Role
from tests.factories import make_customer, make_user, signed_in
from tests.portal.worlds import make_recovery

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def walk(board: Board, read: Any) -> list[list[int]]:
    """The keys of what stands on each page, by the links from one to the next."""
    pages = []
    while True:
        rows = [row for _name, some in board.groups for row in some]
        pages.append([getattr(row, "promise", None) or row.recovery for row in rows])
        if board.further is None:
            return [[one.pk for one in page] for page in pages]
        board = read(Wanted(board.further.which, board.further.owner, Place.read(str(board.further.after))))


def test_open_matters_are_read_through_and_so_are_closed_ones() -> None:
    lead = make_user(Role.LEAD)
    made = [make_recovery(make_customer(), lead, hours=hours) for hours in (-5, -5, 2, 300, 300)]
    Recovery.objects.filter(pk__in=[made[3].pk, made[4].pk]).update(due_at=made[3].due_at)

    def read(wanted: Wanted) -> Board:
        return mending.read_board(user=lead, wanted=wanted, size=2)

    keys = [one.pk for one in made]
    assert walk(read(Wanted()), read) == [keys[:2], keys[2:4], keys[4:]]
    assert walk(read(Wanted("late")), read) == [keys[:2]], "a page that is just full is the last"
    ensure_causes()
    closing = {"state": "mended", "what_was_done": "Rang", "cause": Cause.objects.all()[0], "closed_by": lead}
    Recovery.objects.update(closed_at=timezone.now(), **closing)
    assert walk(read(Wanted("closed")), read) == [[keys[4], keys[3]], [keys[2], keys[1]], [keys[0]]]
    assert walk(read(Wanted()), read) == [[]]


def test_open_promises_are_read_through() -> None:
    customer, owner, due_at = make_customer(), make_user(), timezone.now() + 3 * DAY
    keys = [
        Promise.objects.create(customer=customer, text="Ring back", due_at=due_at, owner=owner).pk for _ in range(5)
    ]

    def read(wanted: Wanted) -> Board:
        return promises.read_board(wanted, size=2)

    assert walk(read(Wanted()), read) == [keys[:2], keys[2:4], keys[4:]]
    assert walk(read(Wanted(owner=str(owner.pk))), read) == [keys[:2], keys[2:4], keys[4:]]
    assert walk(read(Wanted(owner="nobody")), read) == [[]]


def test_the_next_page_is_a_link_and_costs_no_more(django_assert_num_queries: Any) -> None:
    client, owner = signed_in(Role.LEAD), make_user()
    for number in range(PER_PAGE + 1):
        make_recovery(make_customer(full_name=f"Number {number:03}"), owner, hours=200 + number)
    door = reverse("mending")

    def page(url: str) -> Any:
        # session, colleague, recoveries, tiers, by owner
        with django_assert_num_queries(5):
            return client.get(url)

    first = page(f"{door}?owner={owner.pk}")
    further = f"{door}?{first.context['board'].further.query}"
    assert further.replace("&", "&amp;") in first.content.decode()
    assert f"owner={owner.pk}" in further
    last = page(further)
    html = last.content.decode()
    assert ("Number 100" in html, "Number 099" in html, "Number 100" in first.content.decode()) == (True, False, False)
    assert "From the first" in html
    assert last.context["board"].further is None
    recovery = Recovery.objects.order_by("-due_at")[0]
    back = client.post(f"{reverse('mending_contacted', args=[recovery.pk])}?from=board&{further.partition('?')[2]}")
    assert back["Location"] == further


@pytest.mark.parametrize(
    "after", ["x", "2026-03-01T12:00:00,1", "2026-03-01T12:00:00Z,0", "9999-01-01T00:00:00Z,1", "%00,"]
)
def test_a_place_that_is_none_is_the_beginning(client: Client, after: str) -> None:
    lead = make_user(Role.LEAD)
    client.force_login(lead)
    make_recovery(make_customer(full_name="Waiting Long"), lead)
    assert "Waiting Long" in client.get(f"{reverse('mending')}?after={after}").content.decode()
