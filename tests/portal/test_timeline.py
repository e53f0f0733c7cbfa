"""The timeline: by kind, what is pinned, and that it costs the same whatever there is of it."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer, Gesture, Interaction
from customers.services.merges import merge_customers
from portal.contact.branches import BRANCHES, branches_for
from portal.contact.pins import pin_entry, unpin_entry
from portal.contact.timeline import MOST_PINS, PAGE, Cursor, ask_timeline, read_timeline
from portal.models import Pin, User
from portal.roles import Role
from tests.factories import make_customer, make_interaction, make_order, make_touch_point, make_user
from tests.portal.known import make_known_customer
from tests.portal.worlds import make_world

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def url(customer: Customer) -> str:
    return reverse("contact", args=[customer.public_id])


@pytest.fixture
def agent(client: Client) -> User:
    agent = make_user()
    client.force_login(agent)
    return agent


# --- by kind ---


@pytest.mark.parametrize("branch", BRANCHES, ids=lambda branch: branch.kind)
def test_one_kind_is_shown_alone(client: Client, agent: User, branch: Any) -> None:
    customer = make_world(agent)
    Gesture.objects.create(customer=customer, what="Flowers", cost=3, given_by=agent)
    make_interaction(customer, subject="About the lamp")
    whole = read_timeline(user=agent, customer=customer, now=timezone.now())
    found = read_timeline(user=agent, customer=customer, now=timezone.now(), kind=branch.kind)
    assert found.entries == [entry for entry in whole.entries if entry.key.startswith(f"{branch.kind}-")]
    assert found.entries
    html = client.get(url(customer) + f"?kind={branch.kind}").content.decode()
    assert f'data-key="{branch.shortcut}" aria-keyshortcuts="{branch.shortcut}" aria-current="true"' in html


def test_only_the_branches_that_are_wanted_are_asked(agent: User) -> None:
    customer = make_customer()
    sql, _values = ask_timeline(branches=branches_for(agent, "promise"), user=agent, customer=customer)
    assert "customers_promise" in sql
    for table in ("customers_order", "customers_interaction", "customers_letter", "feedback_answer", "tiers_move"):
        assert table not in sql


def test_a_contact_that_was_opened_by_mistake_says_so(client: Client, agent: User) -> None:
    now = timezone.now()
    talk = make_interaction(make_customer(), subject="The lamp", note="It was her sister", opened_at=now, closed_at=now)
    door = reverse("contact", args=[talk.customer.public_id]) + "?show=timeline"
    assert "opened by mistake" not in client.get(door).content.decode()
    Interaction.objects.update(is_mistaken=True)
    assert "It was her sister · opened by mistake" in " ".join(client.get(door).content.decode().split())


def test_the_filter_keeps_with_earlier_and_with_the_way_back(client: Client, agent: User) -> None:
    customer, now = make_customer(), timezone.now()
    for number in range(PAGE + 3):
        make_order(customer, description=f"Thing {number}")
        make_interaction(customer, opened_at=now, closed_at=now, subject="Another matter")
    html = client.get(url(customer) + "?kind=order").content.decode()
    link = re.search(r'href="[^"?]+\?(before=[^"#]+)#', html)
    assert link
    earlier = client.get(url(customer) + "?" + link[1].replace("&amp;", "&")).content.decode()
    assert earlier.count("<time ") == 3
    assert "Another matter" not in html[html.index('class="entries"') :] + earlier[earlier.index('class="entries"') :]
    assert f"{url(customer)}?kind=order#timeline" in earlier


def test_the_timeline_of_somebody_merged_leads_on(client: Client, agent: User) -> None:
    gone, stays = make_customer(), make_customer()
    merge_customers(survivor=stays, absorbed=gone, by=None)
    response = client.get(url(gone) + "?show=timeline", headers=HTMX)
    assert response["HX-Redirect"] == url(stays)
    assert client.get(reverse("contact", args=[uuid4()]) + "?show=timeline", headers=HTMX).status_code == 404


def test_with_script_the_timeline_alone_comes_back(client: Client, agent: User) -> None:
    customer = make_world(agent)
    for query in ("?kind=order", "?kind="):
        response = client.get(url(customer) + query, headers=HTMX)
        html = response.content.decode()
        assert html.strip().startswith('<section class="time" id="timeline"')
        assert "timeline-title" in response["HX-Trigger-After-Settle"]


@pytest.mark.parametrize(("role", "kind"), [(Role.ANALYST, "letter"), (Role.AGENT, "secret"), (Role.AGENT, "\0")])
def test_a_kind_that_is_not_there_for_them_is_refused(client: Client, role: Role, kind: str) -> None:
    client.force_login(make_user(role))
    response = client.get(url(make_customer()), {"kind": kind})
    assert response.status_code == 400
    assert "There are no such entries" in response.content.decode()


def test_no_key_means_two_things() -> None:
    taken = set("npigcaxf/?12345678")
    keys = [branch.shortcut for branch in BRANCHES]
    assert len(set(keys)) == len(keys)
    assert not set(keys) & taken


# --- pins ---


def keys_of(customer: Customer, user: User) -> list[str]:
    return [entry.key for entry in read_timeline(user=user, customer=customer, now=timezone.now()).entries]


def pin_url(customer: Customer, key: str) -> str:
    return reverse("pin", args=[customer.public_id, key])


def test_what_is_pinned_stands_first_also_when_it_is_old(client: Client, agent: User) -> None:
    customer = make_customer()
    old = make_interaction(customer, subject="The very first", opened_at=timezone.now() - timedelta(days=900))
    for _ in range(PAGE + 5):
        make_order(customer)
    key = f"interaction-{old.pk}"
    assert key not in keys_of(customer, agent)
    page = client.get(pin_url(customer, key)).content.decode()
    assert "Pin it" in page
    assert "<html" in page
    assert "<html" not in client.get(pin_url(customer, key), headers=HTMX).content.decode()
    assert not Pin.objects.exists(), "looking writes nothing"
    client.post(pin_url(customer, key), {"reason": "They still speak of it"})
    html = client.get(url(customer) + "?show=timeline").content.decode()
    first = html[html.index('class="entries pinned"') :]
    assert first.index("The very first") < first.index("They still speak of it") < first.index("Order ")
    assert f"pinned by {agent.display_name}, today" in first
    assert html.count("<time ") == PAGE + 1
    assert 'class="entries pinned"' not in client.get(url(customer) + "?kind=order").content.decode()


def test_it_is_unpinned_and_who_did_what_stays(client: Client, agent: User) -> None:
    customer = make_customer()
    key = f"order-{make_order(customer).pk}"
    client.post(pin_url(customer, key), headers=HTMX)
    pin = Pin.objects.get()
    other = make_user(Role.LEAD)
    client.force_login(other)
    unpin = reverse("unpin", args=[customer.public_id, pin.pk])
    response = client.post(unpin, headers=HTMX)
    assert "No longer pinned" in response.content.decode()
    assert 'id="timeline"' in response.content.decode()
    assert "let go already" in client.post(unpin, headers=HTMX).content.decode()
    client.post(pin_url(customer, key), {"reason": "After all"})
    assert list(Pin.objects.order_by("pk").values_list("reason", "pinned_by", "unpinned_by")) == [
        ("", agent.pk, other.pk),
        ("After all", other.pk, None),
    ]


def test_twice_is_once_and_too_many_would_not_stand_out(client: Client, agent: User) -> None:
    customer = make_customer()
    for _ in range(MOST_PINS + 1):
        make_order(customer)
    keys = keys_of(customer, agent)
    for key in keys[:MOST_PINS] + keys[:1]:
        assert client.post(pin_url(customer, key)).status_code == 302
    assert Pin.objects.count() == MOST_PINS
    response = client.post(pin_url(customer, keys[-1]), follow=True)
    assert "Unpin one first" in response.content.decode()
    assert client.post(pin_url(customer, keys[0]), {"reason": "x" * 201}).status_code == 422
    assert Pin.objects.count() == MOST_PINS


def test_a_reason_is_not_lost_where_a_colleague_was_faster(client: Client, agent: User) -> None:
    customer = make_customer()
    door = pin_url(customer, f"order-{make_order(customer).pk}")
    client.post(door, {"reason": "Her first gift"}, headers=HTMX)
    said = client.post(door, {"reason": " Her first  gift"}, headers=HTMX)
    assert (said.status_code, "That is pinned already." in said.content.decode()) == (200, True)
    client.force_login(make_user())
    assert client.post(door, headers=HTMX).status_code == 200, "nothing was written that could be lost"
    for headers in (HTMX, {}):
        refused = client.post(door, {"reason": "Ring before you send"}, headers=headers)
        assert refused.status_code == 422
        assert "Ring before you send" in refused.content.decode()
        assert "That is pinned already. Load the page again" in refused.content.decode()
    assert Pin.objects.get().reason == "Her first gift"


def test_the_reason_of_one_pin_too_many_is_not_lost(client: Client, agent: User) -> None:
    customer = make_customer()
    doors = [pin_url(customer, f"order-{make_order(customer).pk}") for _ in range(MOST_PINS + 1)]
    for door in doors[:-1]:
        assert client.post(door, headers=HTMX).status_code == 200
    for headers in (HTMX, {}):
        refused = client.post(doors[-1], {"reason": "Ring before you send"}, headers=headers)
        assert refused.status_code == 422
        assert "Ring before you send" in refused.content.decode()
        assert "Unpin one first" in refused.content.decode()


@pytest.mark.parametrize("key", ["order-0", "order-99999999999999999999", "secret-1", "order", "order--1"])
def test_what_is_not_there_cannot_be_pinned(client: Client, agent: User, key: str) -> None:
    assert client.post(f"{url(make_customer())}pins/{key}/").status_code == 404


def test_the_entry_of_another_customer_cannot_be_pinned_here(client: Client, agent: User) -> None:
    assert client.post(pin_url(make_customer(), f"order-{make_order(make_customer()).pk}")).status_code == 404
    assert not Pin.objects.exists()


def test_who_may_pin(client: Client, agent: User) -> None:
    customer = make_customer()
    key = f"order-{make_order(customer).pk}"
    pin, _ = pin_entry(customer=customer, kind=Pin.Kind.ORDER, row=int(key[6:]), by=agent)
    unpin = reverse("unpin", args=[customer.public_id, pin.pk])
    assert client.get(unpin).status_code == 405
    assert client.delete(pin_url(customer, key)).status_code == 405
    for role in (Role.ANALYST, Role.INTEGRATION):
        client.force_login(make_user(role))
        for door in (unpin, pin_url(customer, key)):
            assert client.post(door).status_code == 403
    client.logout()
    for door in (unpin, pin_url(customer, key)):
        assert client.post(door)["Location"].startswith(reverse("account_login"))
    assert Pin.objects.get().unpinned_at is None


def test_a_pin_shows_nothing_that_a_role_may_not_see(
    client: Client, agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = make_known_customer()
    for branch in BRANCHES:
        entry = next(iter(branch.model.objects.filter(**{branch.owner: customer}).order_by("pk")))
        pin_entry(customer=customer, kind=branch.kind, row=entry.pk, by=agent, reason=f"Canary {branch.kind}")
    letter = Pin.objects.get(kind="letter")
    for user, hidden in ((make_user(Role.ANALYST), {"letter"}), (agent, set())):
        client.force_login(user)
        shown = set(re.findall(r"Canary (\w+)", client.get(url(customer) + "?show=timeline").content.decode()))
        assert shown == {branch.kind.value for branch in BRANCHES} - hidden
    from portal import roles

    less = roles.PERMISSIONS | {Role.AGENT: roles.PERMISSIONS[Role.AGENT] - {"customers.view_letter"}}
    monkeypatch.setattr(roles, "PERMISSIONS", less)
    assert client.post(reverse("unpin", args=[customer.public_id, letter.pk])).status_code == 404
    assert client.post(pin_url(customer, f"letter-{letter.row}")).status_code == 404


def test_a_pin_whose_entry_is_somebody_elses_is_left_out(agent: User) -> None:
    customer = make_customer()
    Pin.objects.create(customer=customer, kind="order", row=make_order(make_customer()).pk, pinned_by=agent)
    assert read_timeline(user=agent, customer=customer, now=timezone.now()).pinned == []


def test_the_database_holds_one_pin_per_entry_and_keeps_what_was(agent: User) -> None:
    customer = make_customer()
    order = make_order(customer)
    pin, _ = pin_entry(customer=customer, kind=Pin.Kind.ORDER, row=order.pk, by=agent)
    with pytest.raises(IntegrityError, match="pin_one_per_entry"), transaction.atomic():
        Pin.objects.create(customer=customer, kind="order", row=order.pk, pinned_by=agent)
    with pytest.raises(IntegrityError, match="pin_kind_known"), transaction.atomic():
        Pin.objects.create(customer=customer, kind="dream", row=order.pk, pinned_by=agent)
    with pytest.raises(IntegrityError, match="pin_ended_by_somebody"), transaction.atomic():
        Pin.objects.update(unpinned_at=timezone.now())
    for changes in ({"reason": "Another"}, {"row": 0}, {"pinned_by": make_user()}):
        with pytest.raises(Error, match="Cannot update"), transaction.atomic():
            Pin.objects.update(**changes)
    with pytest.raises(Error, match="Cannot delete"), transaction.atomic():
        Pin.objects.all().delete()
    assert unpin_entry(pin=pin, by=agent)
    with pytest.raises(Error, match="Cannot update"), transaction.atomic():
        Pin.objects.update(unpinned_at=None, unpinned_by=None)
    # Somebody was there twice: what is theirs moves with them.
    Pin.objects.update(customer=make_customer())


# --- as quick with 10,000 as with 10 ---

_FILL = """
    INSERT INTO customers_order (customer_id, source, external_id, kind, placed_at, amount, margin, is_margin_estimated,
        currency_id, house_amount, house_margin, is_our_fault, description)
    SELECT %(c)s, 'fill', %(c)s || '-' || n, 'purchase', now() - n * interval '1 hour', 1, 1, false, 'GBP', 1, 1, false,
        'Thing' FROM generate_series(1, %(many)s) AS n;
    INSERT INTO customers_interaction (public_id, customer_id, source, channel, touch_point_id, subject, note,
        opened_at, closed_at)
    SELECT gen_random_uuid(), %(c)s, 'house', 'phone', %(place)s, 'Talk', 'Said', now() - n * interval '1 hour', now()
        FROM generate_series(1, %(many)s) AS n;
    INSERT INTO customers_letter (public_id, customer_id, kind, subject_key, to_address, language, subject, text, html,
        headers, state, attempts, message_id, reply, created_at)
    SELECT gen_random_uuid(), %(c)s, 'fill', %(c)s || '-' || n, 'a@mail.example', 'en', 'News', 'News', '', '{}',
        'queued', 0, '', '', now() - n * interval '1 hour' FROM generate_series(1, %(many)s) AS n;
    INSERT INTO customers_incident (customer_id, kind, touch_point_id, severity, text, is_our_fault, happened_at,
        resolution)
    SELECT %(c)s, 'late', %(place)s, 2, 'Late', true, now() - n * interval '1 hour', ''
        FROM generate_series(1, %(many)s) AS n;
    INSERT INTO customers_promise (customer_id, text, due_at, made_at)
    SELECT %(c)s, 'Ring', now(), now() - n * interval '1 hour' FROM generate_series(1, %(many)s) AS n;
    INSERT INTO customers_gesture (customer_id, source, what, cost, given_at)
    SELECT %(c)s, 'house', 'Flowers', 1, now() - n * interval '1 hour' FROM generate_series(1, %(many)s) AS n;
    INSERT INTO feedback_invitation (interaction_id, customer_id, letter_id, not_asked, waits_for, after_mending,
        created_at)
    SELECT talk.id, %(c)s, CASE WHEN n <= %(asked)s THEN letter.id END,
        CASE WHEN n <= %(asked)s THEN '' ELSE 'too_often' END, '', false, now()
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM customers_interaction WHERE customer_id = %(c)s) AS talk
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM customers_letter WHERE customer_id = %(c)s) AS letter
        USING (n);
    INSERT INTO feedback_answer (invitation_id, enjoyed, comment, doubts, is_counted, answered_at)
    SELECT id, 'yes', '', '{}', true, now() FROM feedback_invitation
        WHERE customer_id = %(c)s AND letter_id IS NOT NULL;
"""


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def measured(customer: Customer, user: User, before: Cursor | None = None) -> tuple[int, int]:
    """Buffers that the query touches, and the most rows that one scan of it gives back, those it drops included."""
    sql, values = ask_timeline(branches=branches_for(user), user=user, customer=customer, before=before)
    with connection.cursor() as cursor:
        # As in a house of many customers: in tables as small as these it may be cheaper to read all of them.
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
        )
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}", values)
        told = cursor.fetchone()[0]
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    scans = [node for node in nodes(plan) if "Scan" in node["Node Type"] and "Relation Name" in node]
    assert scans
    most = max(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * (1 if node["Actual Loops"] else 0)
        for node in scans
    )
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], int(most)


@pytest.mark.filterwarnings("error")
def test_ten_thousand_entries_are_as_quick_as_a_page(agent: User) -> None:
    """Seven kinds of 1,500 entries each, against seven of 30: no branch reads more than a page, by whatever cursor."""
    few, page, much, other = make_customer(), make_customer(), make_customer(), make_customer()
    make_order(make_customer())
    with connection.cursor() as cursor:
        # Nobody is asked more often than the rules allow; the answers of others lie beside theirs.
        for customer, many, asked in ((few, 2, 2), (page, PAGE + 5, 15), (much, 1500, 15), (other, 1500, 1500)):
            fill = {"c": customer.pk, "many": many, "asked": asked, "place": make_touch_point().pk}
            cursor.execute(_FILL % fill)
        for table in ("order", "interaction", "letter", "incident", "promise", "gesture"):
            cursor.execute(f"ANALYZE customers_{table}")
        cursor.execute("ANALYZE feedback_invitation; ANALYZE feedback_answer")
        cursor.execute(
            "SELECT opened_at, id FROM customers_interaction WHERE customer_id = %s ORDER BY 1 LIMIT 1 OFFSET 700",
            [much.pk],
        )
        middle = Cursor(cursor.fetchone()[0], 2, 0)
    assert len(keys_of(much, agent)) == PAGE
    for customer, before in ((few, None), (page, None), (much, None), (much, middle)):
        buffers, most = measured(customer, agent, before)
        # A page, the entry that says that there is more, and what stands at the same moment as the last.
        assert most <= PAGE + 3
        if customer is page:
            of_page = buffers
        elif customer is much:
            # The same rows by a deeper tree.
            assert buffers <= 1.5 * of_page
        else:
            of_few = buffers
    assert of_few <= of_page
