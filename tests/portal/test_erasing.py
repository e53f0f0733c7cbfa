"""A customer who is forgotten: nothing of name, addresses or words is left anywhere, and every count stays."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pghistory
import pgtrigger
import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from customers.enums import LetterState
from customers.models import (
    BlockKey,
    ContactPoint,
    Customer,
    Duplicate,
    Erasure,
    Letter,
    LetterEvent,
    LiftedSuppression,
    Merge,
    MergeStep,
    Suppression,
)
from customers.services import erasing, mailing
from customers.services.contact_points import erased_form, lift_suppression, suppress_address
from customers.services.erasing import erase_customer
from customers.services.incidents import take_back_incident
from customers.services.letters import queue_letter, resend_letter
from customers.services.merges import merge_customers, undo_merge
from customers.services.people import add_customer, change_customer
from customers.services.promises import hand_over_promise, make_promise
from customers.services.relationships import note_relationship
from customers.services.selves import link_selves
from feedback.models import (
    Answer,
    CommentTone,
    GestureRequest,
    Invitation,
    PutRight,
    Question,
    RecoveryStep,
    Reply,
)
from feedback.selectors.reaching import addresses_of
from feedback.services.answers import add_comment, record_answer
from feedback.services.giving import take_back
from feedback.services.giving_requests import grant_request
from feedback.services.invitations import invite
from feedback.services.put_right import record_put_right
from feedback.services.visits import note_visit
from portal.models import HintPress, HintShown, OutsideSource
from portal.roles import PERMISSIONS, Role
from tests.factories import make_customer, make_email, make_user
from tests.feedback.giving_makers import make_asked, make_given
from tests.feedback.makers import make_closed, make_link
from tests.feedback.test_invitations import make_incident
from tests.feedback.test_put_right import asked
from tests.portal.known import PHONE, make_known_customer, make_override
from tiers.models import PerkUse, VideoRoom

pytestmark = pytest.mark.django_db

CANARY = "Kanarienvogel"
# Columns that are neither name, address nor words about somebody; each says why it stays.
KEPT = {
    "customers.customer": {"source", "language", "country", "time_zone"},  # where counts belong, not who it is
    "customers.order": {"source", "external_id"},  # so that the order is not counted twice
    "customers.interaction": {"source", "external_id"},  # as orders
    "customers.gesture": {"source", "external_id"},  # as orders
    "customers.rating": {"source"},  # a system
    "customers.segmentmember": {"source"},  # a system
    "customers.letterevent": {"source_key"},  # a report's own number
    "portal.pop": {"source", "external_id"},  # so that a call is not put on a desk twice
    "feedback.answer": {"language"},  # of the page, as with letters
    "feedback.commenttone": {"told_by"},  # a program
    "portal.hintshown": {"key", "seed"},  # numbers of ours
    "tiers.perkuse": {"what"},  # the words of a tier, the same for everybody
    "tiers.videoroom": {"name"},  # random, and nothing opens it any more
    "customers.mergestep": {"table", "column"},  # the house's own tables
    "customers.letter": {"kind", "subject_key", "language", "message_id"},  # what kind of letter, and our own number
}
# Tables about customers that hold numbers alone; nothing need be in them here.
EMPTY_HERE = {"tiers.previewmove"}
# What keeps a form that the canary must have too.
ADDRESS = f"{CANARY}@mail.example".lower()
FORMS = {("customers.contactpoint", "normalised"): ADDRESS, ("customers.contactpointevent", "normalised"): ADDRESS}


def about_customers() -> list[type[models.Model]]:
    """Every table that leads to a customer, by whatever way, and the history of each."""
    found: set[type[models.Model]] = {Customer}
    while True:
        more = {
            model
            for model in apps.get_models()
            if model not in found
            and any(
                (field.many_to_one or field.one_to_one) and field.related_model in found
                for field in model._meta.concrete_fields
            )
        }
        if not more:
            return sorted(found, key=lambda model: model._meta.label)
        found |= more


def words_of(model: type[models.Model]) -> "list[models.Field[Any, Any]]":
    """The columns of a table in which somebody may have written something."""
    tracked: Any = getattr(model, "pgh_tracked_model", None) or model
    kept = KEPT.get(tracked._meta.label_lower, set()) | {"pgh_label"}
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, (models.CharField, models.TextField, models.JSONField))
        and not field.choices
        and not isinstance(field, models.GeneratedField)
        and field.name not in kept
        and field.name not in ("method", "digest", "token_hash")
    ]


def make_words_of_hints(customer: Customer) -> None:
    """A hint that was shown and used, and a perk that was."""
    talk = customer.interactions.filter(closed_at=None)[0]
    shown = HintShown.objects.create(
        interaction=talk,
        customer=customer,
        key="preference:1",
        kind="preference",
        situation="quiet-spoken",
        rank=1,
        score=0.5,
        propensity=1.0,
        seed="s",
        text="x",
    )
    HintPress.objects.create(shown=shown, outcome="used")
    PerkUse.objects.create(customer=customer, interaction=talk, what="A kind word")
    VideoRoom.objects.create(
        customer=customer,
        interaction=talk,
        name=f"{customer.pk:040x}",
        token_hash=customer.pk.to_bytes(32, "big"),
        expires_at=Now() + timedelta(hours=1),
    )


def make_words_of_listening(invitation: Invitation) -> None:
    """What a letter, an answer and a recovery gather around them."""
    answer = invitation.answers.get()
    with pgtrigger.ignore("feedback.Reply:reply_fits_question"):
        Reply.objects.create(answer=answer, question=Question.objects.order_by("pk")[0], text="x")
    CommentTone.objects.create(answer=answer, tone="neither", told_by="x")
    RecoveryStep.objects.create(recovery=answer.recovery, step="contacted", words="x")
    PutRight.objects.create(recovery=answer.recovery, not_asked="no_address", words="x")
    assert invitation.letter is not None
    LetterEvent.objects.create(letter=invitation.letter, kind="bounced", words="x")
    given = make_given(invitation.customer)
    take_back(gesture=given, by=make_user(Role.LEAD), words="x")
    make_asked(make_user(), customer=invitation.customer)


def make_words(customer: Customer) -> None:
    """What a customer has who is known, in the tables that know of nobody else."""
    make_override(customer)
    make_words_of_hints(customer)
    customer.name_words.create(word="x")
    customer.presences.create(colleague=make_user())
    customer.promises.all()[0].steps.create(step="handed_over", words="x")
    mistaken = make_incident(customer)
    assert take_back_incident(incident=mistaken, by=make_user(Role.LEAD))
    customer.pins.create(kind="promise", row=customer.promises.all()[0].pk, reason="x", pinned_by=make_user())
    for kind, said in (("email", "x"), ("phone", PHONE)):
        call = {"agent": make_user(), "source": "s", "external_id": kind, "channel": kind, "match": "known"}
        customer.pops.create(kind=kind, value=said, normalised=said, **call)
    source, _ = OutsideSource.objects.get_or_create(name="Parcels", url="https://parcels.example/{reference}")
    customer.outside_cards.create(source=source, body={"x": "x"})
    BlockKey.objects.create(customer=customer, key=1)
    with pghistory.context(user=1):
        link, _ = make_link(customer.invitations.get())
        note_visit(link=link, method="GET", fingerprint="x")
        make_words_of_listening(link.invitation)


@pytest.fixture
def known() -> Customer:
    """A customer with something in every table, and the canary in every word of it."""
    customer = make_known_customer()
    make_words(customer)
    other = make_customer()
    note_relationship(customer=other, other=customer, kind="assistant", source="x")
    # A firm is named for buyers alone.
    Customer.objects.update(capacity="firm", firm="x")
    Duplicate.objects.create(one=customer, other=other, bits=12)
    # As if they had been merged: whoever is the same person is forgotten with them.
    Customer.objects.filter(pk=other.pk).update(merged_into=customer)
    merge = Merge.objects.create(survivor=customer, absorbed=other)
    MergeStep.objects.create(merge=merge, deed="changed", table="customers.customer", rows=["1"])
    for model in about_customers():
        with pgtrigger.ignore():
            for field in words_of(model):
                said = FORMS.get((model._meta.label_lower, field.name), CANARY)
                value: Any = {"X": said} if isinstance(field, models.JSONField) else said[: field.max_length or 40]
                rows = model._default_manager.all()
                # A phone has a form that no word can have; the number itself is looked for.
                rows = rows.filter(kind="email") if hasattr(model, "normalised") else rows
                rows.update(**{field.name: value})
    return customer


def every_text() -> Iterator[tuple[str, str]]:
    """Every table and column of the database in which text, JSON or bytes may stand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables USING "
            "(table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND "
            "(data_type IN ('text', 'character varying', 'json', 'jsonb', 'bytea', 'ARRAY'))"
        )
        yield from cursor.fetchall()


def where_is(word: str) -> set[tuple[str, str]]:
    """The tables and columns in which a word stands, in whatever case, also in pieces of eight characters."""
    found = set()
    with connection.cursor() as cursor:
        for table, column in every_text():
            cursor.execute(
                f'SELECT EXISTS (SELECT FROM "{table}" WHERE "{column}"::text ILIKE %s OR "{column}"::text ILIKE %s)',
                [f"%{word[:8]}%", f"%{word[:8].encode().hex()}%"],
            )
            if cursor.fetchone() == (True,):
                found.add((table, column))
    return found


def count_all() -> dict[str, int]:
    kept = [model for model in apps.get_models() if model._meta.label_lower not in GOES]
    return {model._meta.label: model._default_manager.count() for model in kept}


def rows_about(customer: Customer) -> dict[str, list[dict[str, Any]]]:
    """Every row that leads to a customer, by whatever way, as it is."""
    keys: dict[Any, set[Any]] = {Customer: {customer.pk}}
    known = 0
    while known < (known := sum(map(len, keys.values()))):
        for model in about_customers():
            for field in model._meta.concrete_fields:
                if field.related_model in keys:
                    rows = model._default_manager.filter(**{f"{field.name}__in": keys[field.related_model]})
                    keys.setdefault(model, set()).update(rows.values_list("pk", flat=True))
    rows_of = {model: model._default_manager.filter(pk__in=found).order_by("pk") for model, found in keys.items()}
    return {model._meta.label_lower: list(rows.values()) for model, rows in rows_of.items() if rows}


# Rows that are words and nothing else go as a whole; the erasure itself is a new row.
GOES = {
    "customers.contactpoint",
    "customers.contactpointevent",
    "customers.preference",
    "customers.preferenceevent",
    "customers.caution",
    "customers.cautionevent",
    "customers.relationship",
    "customers.relationshipevent",
    "customers.nameword",
    "customers.blockkey",
    "portal.outsidecard",
    "customers.erasure",
    "feedback.commenttone",
}


def test_every_table_about_a_customer_has_a_row_here(known: Customer) -> None:
    """A table that is added must be in this test, or its words would be forgotten by nobody."""
    empty = {model._meta.label_lower for model in about_customers() if not model._default_manager.exists()}
    assert empty - {"customers.erasure"} == EMPTY_HERE


def test_the_canary_is_found_where_it_was_put(known: Customer) -> None:
    """The control: the search sees what is there."""
    found = where_is(CANARY)
    put = {(model._meta.db_table, field.column) for model in about_customers() for field in words_of(model)}
    assert found >= put
    assert len(put) > 40


def counted(customer: Customer) -> list[list[Any]]:
    """What must stay: money, answers, contacts and their times, tiers."""
    worth = Customer.objects.filter(pk=customer.pk).values_list("orders__amount", "orders__margin", "measures__margin")
    return [
        list(worth),
        list(Answer.objects.values_list("enjoyed", "is_counted", "answered_at")),
        list(customer.interactions.values_list("opened_at", "closed_at", "channel", "touch_point")),
        list(customer.standings.values_list("tier", "valid_from")),
        list(customer.moves.values_list("to_tier", "moved_at")),
    ]


def test_nothing_of_a_forgotten_customer_is_left_and_every_count_stays(known: Customer) -> None:
    manager = make_user(Role.MANAGER)
    rows, counts = count_all(), counted(known)
    assert erase_customer(customer=known, by=manager)
    assert where_is(CANARY) == set()
    assert where_is(PHONE) == set()
    assert count_all() == rows
    assert counted(known) == counts
    assert not GOES & rows_about(known).keys() - {"customers.erasure"}
    known.refresh_from_db()
    assert str(known) == "Erased"
    assert not erase_customer(customer=known)
    assert Erasure.objects.get(customer=known).by == manager


@pytest.mark.parametrize("room", ["feedback", "tiers", "portal"])
def test_a_room_that_registers_nothing_would_be_found_out(
    known: Customer, room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without what a room registers, the search above finds its words."""
    others = [eraser for eraser in erasing._erasers if not eraser.__module__.startswith(room)]
    monkeypatch.setattr(erasing, "_erasers", others)
    erase_customer(customer=known)
    assert {table.partition("_")[0] for table, _column in where_is(CANARY)} == {room}


def test_others_are_left_alone(known: Customer) -> None:
    other = make_customer(full_name="Somebody Else")
    make_email(other, "else@mail.example")
    make_closed(other, note="A word of theirs")
    erase_customer(customer=known)
    other.refresh_from_db()
    assert other.full_name == "Somebody Else"
    assert other.interactions.get().note == "A word of theirs"
    assert other.contact_points.get().value == "else@mail.example"


def test_not_one_row_about_somebody_else_changes(known: Customer) -> None:
    other = make_known_customer()
    make_words(other)
    before = rows_about(other)
    assert len(before) > 40, "there is something of theirs in nearly every table"
    erase_customer(customer=known)
    assert rows_about(other) == before


def test_whoever_was_not_forgotten_goes_on_as_before() -> None:
    """Each of these asks whether they were: they, and not just anybody."""
    erase_customer(customer=make_link()[0].invitation.customer)
    one, other = make_customer(), make_customer()
    assert change_customer(customer=one, city="Leeds")
    assert note_relationship(customer=one, other=other, kind="assistant")[1]
    made, _ = merge_customers(survivor=one, absorbed=other, by=None)
    assert undo_merge(merge=made, by=None)
    assert link_selves(customer=one, other=make_customer(), capacity="firm", firm="Leeds Mills")[1]
    link, _ = make_link()
    record_answer(link=link, enjoyed="yes")
    assert add_comment(invitation=link.invitation, comment="Words of mine")
    row, _ = asked()
    mended, _ = make_link(row.recovery.answer.invitation, "mended")
    assert record_put_right(link=mended, said="no")[0] == row


def test_what_somebody_asked_a_lead_to_give_them_lapses(known: Customer) -> None:
    request = GestureRequest.objects.open().get(customer=known)
    erase_customer(customer=known)
    request.refresh_from_db()
    assert request.state == "lapsed"
    assert grant_request(request=request, by=make_user(Role.MANAGER)) is None


def test_a_queued_letter_never_leaves_and_an_open_link_is_gone_like_any_other() -> None:
    interaction = make_closed()
    invite(interaction_ids=[interaction.pk])
    _, token = make_link(Invitation.objects.get())
    visitor = Client()
    assert visitor.get(f"/feedback/{token}/").status_code == 200
    erase_customer(customer=interaction.customer)
    assert mailing.claim_letter() is None
    assert Letter.objects.get().state == LetterState.SUPPRESSED
    dead, unknown = visitor.get(f"/feedback/{token}/"), visitor.get("/feedback/never-given-out/")
    assert (dead.status_code, dead.content) == (404, unknown.content)
    again = make_closed(interaction.customer)
    invite(interaction_ids=[again.pk])
    assert Invitation.objects.get(interaction=again).not_asked == "no_address"


def test_a_letter_that_is_just_leaving_stands_in_the_way() -> None:
    interaction = make_closed()
    invite(interaction_ids=[interaction.pk])
    assert mailing.claim_letter()
    with pytest.raises(ValidationError, match="just leaving"):
        erase_customer(customer=interaction.customer)
    assert ContactPoint.objects.filter(customer=interaction.customer).exists()


def test_an_address_that_gets_no_letters_goes_on_getting_none_without_being_kept() -> None:
    customer, address = make_customer(), "zaunkoenig@mail.example"
    make_email(customer, address)
    interaction = make_closed(customer)
    suppress_address(address=address, reason="unsubscribed", detail=f"{address} said so")
    erase_customer(customer=interaction.customer)
    assert where_is(address) == set()
    assert Suppression.objects.get().address == erased_form(address)
    assert not suppress_address(address=address, reason="refused")
    # They come back, as somebody new.
    back = make_customer()
    make_email(back, address)
    invite(interaction_ids=[make_closed(back).pk])
    assert mailing.claim_letter() is None
    assert Letter.objects.get(customer=back).state == LetterState.SUPPRESSED
    # No colleague is told that a letter goes there, and another address of theirs serves.
    assert addresses_of([back.pk]) == ({}, {back.pk})
    make_email(back, "other@mail.example")
    assert addresses_of([back.pk])[0] == {back.pk: "other@mail.example"}


def test_an_address_that_somebody_else_uses_too_stays_in_clear_for_them() -> None:
    one, other = make_customer(), make_customer()
    for customer in (one, other):
        make_email(customer, "shared@mail.example")
    suppress_address(address="shared@mail.example", reason="refused")
    erase_customer(customer=one)
    assert Suppression.objects.get().address == "shared@mail.example"


def test_an_address_that_gets_letters_again_is_kept_without_being_one() -> None:
    customer, address = make_customer(), "zaunkoenig@mail.example"
    make_email(customer, address)
    suppress_address(address=address, reason="refused", detail=f"{address} is gone")
    lift_suppression(suppression=Suppression.objects.get(), why=f"{address} is there again", by=make_user())
    erase_customer(customer=customer)
    assert where_is(address) == set()
    assert LiftedSuppression.objects.get().address == erased_form(address)
    # As somebody new they are written to.
    assert suppress_address(address=address, reason="refused")


def test_their_name_goes_from_letters_to_colleagues_and_from_the_admins_log() -> None:
    customer, user = make_customer(full_name="Ada <Canary>", known_as="Al"), make_user()
    Letter.objects.create(
        colleague=user,
        kind="k",
        subject_key="1",
        to_address="a@house.example",
        subject="Moves",
        text="Ada <Canary>: Guest → Friend. Also: Always.",
        html="<p>Ada &lt;Canary&gt;</p>",
    )
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(Customer),
        object_id="1",
        object_repr="Ada <Canary>",
        action_flag=CHANGE,
        change_message="Ada <Canary> changed",
    )
    erase_customer(customer=customer)
    letter = Letter.objects.get()
    assert (letter.text, letter.html) == ("Erased: Guest → Friend. Also: Always.", "<p>Erased</p>")
    assert where_is("Ada <Can") == set()


# --- doors ---


def test_the_command() -> None:
    customer = make_customer(full_name="Somebody")
    out = StringIO()
    call_command("erase", str(customer.public_id), stdout=out)
    call_command("erase", str(customer.public_id), stdout=out)
    assert out.getvalue() == "They are forgotten.\nThey were forgotten before; nothing of them is left.\n"
    for nobody in ("00000000-0000-4000-8000-000000000000", "rubbish"):
        with pytest.raises(CommandError, match="nobody"):
            call_command("erase", nobody)


@pytest.mark.parametrize("role", [role for role in Role.values if "portal.use_admin" in PERMISSIONS[role]])
def test_who_may_forget_a_customer_in_the_admin(role: str) -> None:
    customer, client = make_customer(full_name="Somebody"), Client()
    page, door = f"/admin/customers/customer/{customer.pk}/change/", f"/admin/customers/customer/{customer.pk}/erase/"
    assert client.post(door).status_code == 302, "not signed in"
    client.force_login(make_user(role))
    may = role in (Role.MANAGER, Role.ADMINISTRATOR)
    assert ("Forget this customer" in client.get(page).content.decode()) is may
    assert client.get(door).status_code == (200 if may else 403)
    customer.refresh_from_db()
    assert customer.full_name == "Somebody", "opening the page does nothing"
    answer = client.post(door)
    assert answer.status_code == (302 if may else 403)
    customer.refresh_from_db()
    assert customer.full_name == ("Erased" if may else "Somebody")
    if may:
        assert client.post(door).status_code == 302
        assert Erasure.objects.get().by == client.get(page).wsgi_request.user
        assert client.post("/admin/customers/customer/0/erase/").status_code == 404


def test_the_note_of_it_cannot_be_rewritten() -> None:
    erase_customer(customer=make_customer())
    with pytest.raises(Exception, match="Cannot update or delete"):
        Erasure.objects.update(erased_at=Now() - timedelta(days=1))


def test_their_name_goes_from_the_subject_too() -> None:
    customer = make_customer(full_name="Ada Canary")
    promise, _ = make_promise(customer=customer, text="x", due_at=timezone.now() + timedelta(hours=3))
    assert hand_over_promise(promise=promise, to=make_user(Role.AGENT), by=make_user(Role.LEAD))
    erase_customer(customer=customer)
    assert "Canary" not in Letter.objects.get().subject


def test_a_former_name_goes_too() -> None:
    customer, _ = add_customer(full_name="Ada Canary")
    promise, _ = make_promise(customer=customer, text="x", due_at=timezone.now() + timedelta(hours=3))
    assert hand_over_promise(promise=promise, to=make_user(Role.AGENT), by=make_user(Role.LEAD))
    change_customer(customer=customer, full_name="Ada Married")
    erase_customer(customer=customer)
    assert "Canary" not in Letter.objects.get().text


def test_a_letter_of_somebody_forgotten_is_not_sent_again() -> None:
    customer = make_customer()
    told: dict[str, Any] = {"subject": "s", "text": "t", "html": "", "language": "en", "to_address": "a@mail.example"}
    letter, _ = queue_letter(customer=customer, kind="k", subject_key="1", **told)
    assert mailing.claim_letter()
    Letter.objects.update(state="uncertain", lease=None, leased_until=None)
    erase_customer(customer=customer)
    resend_letter(letter=letter)
    assert mailing.claim_letter() is None
