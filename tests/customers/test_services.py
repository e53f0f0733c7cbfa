"""What the services take, refuse, and do when asked again."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models.functions import Now
from django.test import override_settings
from django.utils import timezone

from customers.exceptions import Conflict, NotAnAddress, NotDialable, UnknownCurrency
from customers.imports import import_rows
from customers.models import (
    Consent,
    ContactPoint,
    Currency,
    Customer,
    Incident,
    Interaction,
    NameWord,
    Order,
    Suppression,
    TouchPoint,
)
from customers.services.consents import note_consent
from customers.services.contact_points import add_contact_point, retire_contact_point, suppress_address
from customers.services.conversations import close_interaction, open_interaction
from customers.services.erasing import erase_customer
from customers.services.incidents import record_incident, resolve_incident
from customers.services.letters import queue_letter
from customers.services.merges import merge_customers
from customers.services.orders import record_order
from customers.services.people import add_customer, change_customer, mark_of
from customers.services.preferences import note_preference, retire_preference
from customers.services.promises import break_promise, keep_promise, make_promise
from customers.starter import ensure_starter_facts
from tests.factories import make_customer, make_email, make_order, make_touch_point, make_user

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def record(customer: Customer, **fields: Any) -> tuple[Order, bool]:
    given: dict[str, Any] = {
        "source": "shop",
        "external_id": "1",
        "placed_at": NOON,
        "amount": Decimal("100.00"),
        "currency": "GBP",
    }
    return record_order(customer=customer, **given | fields)


class TestOrders:
    def test_a_margin_that_we_were_not_told_is_estimated_and_says_so(self, settings: Any) -> None:
        settings.MARGIN_PERCENT = 25
        order, is_new = record(make_customer(), amount=Decimal("10.10"))
        assert (is_new, order.margin, order.is_margin_estimated) == (True, Decimal("2.52"), True)  # 2.525, half to even
        assert record(make_customer(), external_id="2", margin=Decimal(0))[0].is_margin_estimated is False

    @pytest.mark.parametrize(
        ("amount", "house"), [("10.00", "12.34"), ("-10.00", "-12.34"), ("0.10", "0.12"), ("-0.00", "0.00")]
    )
    def test_house_amounts_are_at_the_rate_of_the_day(self, amount: str, house: str) -> None:
        euro = Currency.objects.create(code="EUR", rate=Decimal("1.2345"))
        order, _is_new = record(make_customer(), amount=Decimal(amount), currency=" eur ", margin=Decimal("0.2"))
        order.refresh_from_db()
        assert (order.house_amount, order.house_margin, order.currency) == (Decimal(house), Decimal("0.25"), euro)
        assert order.kind == ("return" if Decimal(amount) < 0 else "purchase")
        assert str(order.amount).startswith("-") is (order.kind == "return")

    def test_halves_go_to_the_even_cent(self) -> None:
        Currency.objects.create(code="EUR", rate=Decimal("0.5"))
        halves = {"0.01": "0.00", "0.03": "0.02", "0.05": "0.02", "0.07": "0.04"}
        for number, (amount, house) in enumerate(halves.items()):
            order, _is_new = record(
                make_customer(), external_id=str(number), amount=Decimal(amount), margin=Decimal(0), currency="EUR"
            )
            assert order.house_amount == Decimal(house)

    def test_again_is_the_same_and_a_new_rate_is_no_difference(self, settings: Any) -> None:
        customer = make_customer()
        order, _is_new = record(customer, amount=Decimal(100), description=" A  chair ")
        Currency.objects.update(rate=2)
        settings.MARGIN_PERCENT = 50
        assert record(customer, amount=Decimal("100.0"), description="A chair") == (order, False)
        order.refresh_from_db()
        assert (order.house_amount, order.margin) == (Decimal(100), Decimal(30))

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"amount": Decimal("100.01"), "margin": Decimal(30)}, "amount."),
            ({"margin": Decimal(31)}, "margin."),
            ({"margin": None}, "margin."),
            ({"placed_at": NOON + timedelta(seconds=1)}, "placed."),
            ({"description": "x", "currency": "EUR"}, "currency, what."),
            ({"customer": None}, "customer."),
        ],
    )
    def test_another_content_is_a_conflict_that_says_where(self, fields: dict[str, Any], said: str) -> None:
        Currency.objects.create(code="EUR", rate=1)
        customer = make_customer()
        record(customer, margin=Decimal(30))
        given: dict[str, Any] = {"customer": customer, "margin": Decimal(30)} | fields
        with pytest.raises(Conflict) as refused:
            record(given.pop("customer") or make_customer(), **given)
        assert refused.value.messages == [f"Order 1 is already recorded, and differs in: {said}"]
        assert Order.objects.get().amount == 100

    def test_an_unknown_currency_is_named(self) -> None:
        with pytest.raises(UnknownCurrency) as refused:
            record(make_customer(), currency="xyz\x00")
        assert refused.value.message_dict == {"currency": ["We have no rate for the currency “xyz”. Known are: GBP."]}

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            *(("amount", Decimal(text)) for text in ("NaN", "sNaN", "Infinity", "-Infinity", "1.001", "1e30", "1e11")),
            *(("margin", Decimal(text)) for text in ("NaN", "0.001", "-1e11")),
            ("placed_at", datetime(2026, 3, 1, 12)),  # noqa: DTZ001
            ("placed_at", datetime(1026, 3, 1, 12, tzinfo=UTC)),
            ("placed_at", timezone.now() + timedelta(days=2)),
            *(("external_id", text) for text in ("", " ", "x" * 81, "a\x00", "\ud800")),
            *(("source", text) for text in ("", "x" * 41)),
            ("description", "x" * 201),
            ("is_our_fault", True),
        ],
    )
    def test_refusals_name_the_field(self, field: str, value: object) -> None:
        with pytest.raises(ValidationError) as refused:
            record(make_customer(), **{field: value})
        assert list(refused.value.message_dict) == [field]
        assert Order.objects.count() == 0

    def test_a_rate_does_not_lift_an_amount_over_the_top(self) -> None:
        Currency.objects.create(code="XAU", rate=Decimal("1000000"))
        with pytest.raises(ValidationError, match="larger than we take"):
            record(make_customer(), amount=Decimal(9_000_000_000), currency="XAU")


class TestPeople:
    def test_add_whole(self) -> None:
        customer, is_new = add_customer(
            full_name="  Zoë   Example ",
            known_as="Ms Example",
            country="fr",
            language="",
            customer_since=date(2020, 1, 1),
            phones=["01 99 00 12 34", "+33199001234", "+44 20 7946 0123"],
            emails=["Zoe@Mail.Example"],
        )
        assert (is_new, customer.full_name, customer.country, customer.language) == (True, "Zoë Example", "FR", "en")
        points = customer.contact_points.order_by("pk").values_list("normalised", "is_preferred")
        assert list(points) == [("+33199001234", True), ("+442079460123", False), ("zoe@mail.example", True)]
        assert set(customer.name_words.values_list("word", flat=True)) == {"zoe", "example", "ms"}

    def test_again(self) -> None:
        first = add_customer(full_name="Customer 1", external_id="1")[0]
        assert add_customer(full_name="Another name", external_id="1") == (first, False)
        second = add_customer(full_name="Customer 2", emails=["two@mail.example"])[0]
        assert add_customer(full_name="Customer 2", emails=["Two@mail.example"]) == (second, False)
        assert add_customer(full_name="Customer 2", emails=["other@mail.example"])[1] is True
        assert add_customer(full_name="Customer 3", emails=["two@mail.example"])[1] is True
        assert Customer.objects.count() == 4

    @pytest.mark.parametrize(
        ("fields", "named"),
        [
            ({"full_name": " "}, "full_name"),
            ({"full_name": "x" * 201}, "full_name"),
            ({"full_name": "a\x00b"}, "full_name"),
            ({"country": "Britain"}, "country"),
            ({"time_zone": "Mars/Base"}, "time_zone"),
            ({"customer_since": timezone.localdate() + timedelta(days=3)}, "customer_since"),
            ({"external_id": "x" * 81}, "external_id"),
        ],
    )
    def test_refusals(self, fields: dict[str, Any], named: str) -> None:
        with pytest.raises(ValidationError) as refused:
            add_customer(**{"full_name": "Customer 1"} | fields)
        assert list(refused.value.message_dict) == [named]

    def test_a_bad_phone_or_address_adds_nobody(self) -> None:
        with pytest.raises(NotDialable):
            add_customer(full_name="Customer 1", phones=["12"])
        with pytest.raises(NotAnAddress):
            add_customer(full_name="Customer 1", phones=["020 7946 0123"], emails=["nobody"])
        with pytest.raises(TypeError, match="shoe_size"):
            add_customer(full_name="Customer 1", shoe_size="42")
        assert Customer.objects.count() == 0

    def test_change_renames_and_keeps_the_words_in_step(self) -> None:
        customer = add_customer(full_name="Anna Before", city="Bath")[0]
        change_customer(customer=customer, full_name="Anna After", city="")
        customer.refresh_from_db()
        assert (customer.full_name, customer.city) == ("Anna After", "")
        assert set(NameWord.objects.values_list("word", flat=True)) == {"anna", "after"}
        with pytest.raises(ValidationError):
            change_customer(customer=customer, full_name="")

    def test_who_changed_it_is_kept_and_what_stands_there_is_not_written_again(self) -> None:
        agent, customer = make_user(), make_customer(city="Bath")
        assert change_customer(customer=customer, by=agent, city="Hull")
        before = customer.events.count()  # type: ignore[attr-defined]
        assert not change_customer(customer=customer, by=agent, city=" Hull ")
        assert customer.events.count() == before  # type: ignore[attr-defined]
        told = customer.events.order_by("-pgh_id")[0]  # type: ignore[attr-defined]
        assert (told.city, told.pgh_context.metadata["user"]) == ("Hull", agent.pk)

    def test_what_a_colleague_wrote_meanwhile_is_not_written_over_unseen(self) -> None:
        customer = make_customer(full_name="Anna Before", city="Bath", pronouns="she/her")
        seen = mark_of(customer)
        change_customer(customer=customer, city="Hull", pronouns="")
        with pytest.raises(ValidationError) as refused:
            change_customer(customer=customer, seen=seen, full_name="Anna After", city="York", pronouns="she")
        assert {name: errors[0].split(". ")[0] for name, errors in refused.value.message_dict.items()} == {
            "city": "A colleague wrote meanwhile: “Hull”",
            "pronouns": "A colleague emptied this meanwhile",
        }
        assert change_customer(customer=customer, seen=seen, full_name="Anna After", city="Hull")
        with pytest.raises(ValidationError):
            change_customer(customer=customer, seen="rubbish", city="York")

    def test_who_was_merged_or_forgotten_is_left_alone(self) -> None:
        gone, forgotten = make_customer(), make_customer()
        merge_customers(survivor=make_customer(), absorbed=gone, by=None)
        erase_customer(customer=forgotten)
        for customer, sentence in ((gone, "merged into somebody else"), (forgotten, "forgotten at their wish")):
            with pytest.raises(ValidationError, match=sentence):
                change_customer(customer=customer, full_name="Anna After")


class TestContactPoints:
    def test_preferred_moves(self) -> None:
        customer = make_customer(country="FR")
        first, _is_new = add_contact_point(customer=customer, kind="phone", value="01 99 00 12 34", is_preferred=True)
        second, is_new = add_contact_point(
            customer=customer, kind="phone", value="020 7946 0123", region="GB", label=" desk ", is_preferred=True
        )
        first.refresh_from_db()
        assert (is_new, first.is_preferred, second.is_preferred, second.label) == (True, False, True, "desk")
        same, is_new = add_contact_point(customer=customer, kind="phone", value="+33199001234", is_preferred=True)
        second.refresh_from_db()
        assert (same, is_new, same.is_preferred, second.is_preferred) == (first, False, True, False)
        third, _is_new = add_contact_point(customer=customer, kind="phone", value="+442079460124")
        first.refresh_from_db()
        assert (first.is_preferred, third.is_preferred) == (True, False)

    def test_refusals(self) -> None:
        customer = make_customer()
        with pytest.raises(NotDialable, match="not a phone number"):
            add_contact_point(customer=customer, kind="phone", value="call me")
        with pytest.raises(NotAnAddress, match="not an email address"):
            add_contact_point(customer=customer, kind="email", value="anna")
        refused: list[dict[str, Any]] = [
            {"kind": "pigeon", "value": "x"},
            {"kind": "handle", "value": ""},
            {"kind": "handle", "value": "\x00"},
        ]
        for fields in refused:
            with pytest.raises(ValidationError):
                add_contact_point(customer=customer, **fields)
        assert add_contact_point(customer=customer, kind="handle", value="@Anna")[0].normalised == "@anna"

    def test_what_is_not_theirs_is_kept_and_comes_back_by_no_import(self) -> None:
        agent, customer = make_user(), make_customer(source="shop", external_id="7")
        point, _is_new = add_contact_point(customer=customer, kind="phone", value="+442079460123", is_preferred=True)
        assert retire_contact_point(point=point, by=agent)
        assert not retire_contact_point(point=point)
        told = point.events.order_by("-pgh_id")[0]  # type: ignore[attr-defined]
        assert (told.is_active, told.pgh_context.metadata["user"]) == (False, agent.pk)
        rows = StringIO("external_id,full_name,phone\n7,Anna,+442079460123\n", newline="")
        assert import_rows(kind="customers", file=rows, source="shop").changed == 1
        assert ContactPoint.objects.values_list("is_active").get() == (False,)
        # A colleague may say that it is theirs after all.
        assert add_contact_point(customer=customer, kind="phone", value="+442079460123")[1]

    def test_letters_that_wait_for_an_address_that_is_not_theirs_stay_here(self) -> None:
        customer = make_customer()
        wrong, right = make_email(customer, "Wrong@mail.example"), make_email(customer)
        ContactPoint.objects.filter(pk=wrong.pk).update(normalised="wrong@mail.example")
        wrong.refresh_from_db()
        letters = [
            queue_letter(
                customer=customer,
                kind="test",
                subject_key=point.value,
                to_address=point.value,
                language="en",
                subject="Hello",
                text="Hello",
                html="<p>Hello</p>",
            )[0]
            for point in (wrong, right)
        ]
        retire_contact_point(point=wrong)
        for letter in letters:
            letter.refresh_from_db()
        assert [letter.state for letter in letters] == ["suppressed", "queued"]
        assert letters[0].events.get().kind == "held_back"

    def test_suppress_keeps_the_first_reason(self) -> None:
        assert suppress_address(address="Anna@Mail.Example", reason="unsubscribed") is True
        assert suppress_address(address="anna@mail.example", reason="refused", detail="550") is False
        assert Suppression.objects.values_list("address", "reason").get() == ("anna@mail.example", "unsubscribed")
        for address, reason in (("anna", "refused"), ("bo@mail.example", "dislike")):
            with pytest.raises(ValidationError):
                suppress_address(address=address, reason=reason)


def test_consents_are_added_only_when_they_say_something_new() -> None:
    customer = make_customer()
    said = [note_consent(customer=customer, purpose="feedback", is_given=given) for given in (True, True, False, True)]
    assert [consent is not None for consent in said] == [True, False, True, True]
    assert Consent.objects.count() == 3
    with pytest.raises(ValidationError):
        note_consent(customer=customer, purpose="world", is_given=True)


class TestConversations:
    def test_open_again_is_the_same(self) -> None:
        customer, agent, touch_point = make_customer(), make_user(), make_touch_point()
        given: dict[str, Any] = {"customer": customer, "channel": "phone", "touch_point": touch_point}
        first, is_new = open_interaction(agent=agent, subject=" About ", **given)
        assert (is_new, first.subject) == (True, "About")
        assert open_interaction(agent=agent, **given) == (first, False)
        assert close_interaction(interaction=first, note="Done") is True
        assert close_interaction(interaction=first, note="Other") is False
        assert first.note == "Done"
        assert open_interaction(agent=agent, **given)[1] is True

    def test_one_that_is_closed_in_between_stands_in_nobodys_way(self, monkeypatch: pytest.MonkeyPatch) -> None:
        given: dict[str, Any] = {"customer": make_customer(), "channel": "phone", "touch_point": make_touch_point()}
        first, _is_new = open_interaction(agent=make_user(), **given)
        questions: Any = type(Interaction.objects.all())
        asks = questions.open

        def closes(self: Any) -> Any:
            Interaction.objects.filter(pk=first.pk, closed_at=None).update(closed_at=Now())
            return asks(self)

        monkeypatch.setattr(questions, "open", closes)
        second, is_new = open_interaction(agent=first.agent, subject="Once more", **given)
        assert (is_new, second.subject) == (True, "Once more")
        assert second != first

    def test_whoever_was_merged_just_now_has_the_one_that_is_open(self) -> None:
        one, other, agent = make_customer(), make_customer(), make_user()
        given: dict[str, Any] = {"agent": agent, "channel": "phone", "touch_point": make_touch_point()}
        first, _is_new = open_interaction(customer=one, **given)
        numbered, _is_new = open_interaction(customer=other, **given, source="chat", external_id="1")
        close_interaction(interaction=numbered)
        merge_customers(survivor=one, absorbed=other, by=None)
        assert open_interaction(customer=other, **given) == (first, False)
        assert open_interaction(customer=other, **given, source="chat", external_id="1") == (numbered, False)

    def test_number_of_another_system(self) -> None:
        customer = make_customer()
        given: dict[str, Any] = {
            "channel": "chat",
            "touch_point": make_touch_point(),
            "source": "chat",
            "external_id": "1",
        }
        first, is_new = open_interaction(customer=customer, **given)
        assert is_new is True
        assert open_interaction(customer=customer, **given) == (first, False)
        with pytest.raises(Conflict):
            open_interaction(customer=make_customer(), **given)
        with pytest.raises(ValidationError):
            open_interaction(customer=customer, channel="pigeon", touch_point=make_touch_point())


def test_preferences() -> None:
    customer = make_customer()
    tea, is_new = note_preference(customer=customer, text=" Green  tea ")
    assert (is_new, tea.text) == (True, "Green tea")
    assert note_preference(customer=customer, text="Green tea", provenance="confirmed") == (tea, False)
    assert [retire_preference(preference=tea) for _ in range(2)] == [True, False]
    assert note_preference(customer=customer, text="Green tea")[1] is True
    refused: list[dict[str, Any]] = [{"text": " "}, {"text": "x" * 301}, {"text": "Tea", "provenance": "guessed"}]
    for fields in refused:
        with pytest.raises(ValidationError):
            note_preference(customer=customer, **fields)


def test_promises() -> None:
    customer, due_at = make_customer(), timezone.now() + timedelta(hours=1)
    promise, is_new = make_promise(customer=customer, text="We ring back", due_at=due_at)
    assert is_new is True
    assert make_promise(customer=customer, text="We  ring back", due_at=due_at) == (promise, False)
    assert [keep_promise(promise=promise), keep_promise(promise=promise), break_promise(promise=promise)] == [
        *(True, False, False)
    ]
    other = make_promise(customer=customer, text="We ring back", due_at=due_at)[0]
    assert other != promise
    assert [break_promise(promise=other), keep_promise(promise=other)] == [True, False]
    past = timezone.now() - timedelta(minutes=1)
    refused: list[dict[str, Any]] = [{"text": "", "due_at": due_at}, {"text": "Late", "due_at": past}]
    for fields in refused:
        with pytest.raises(ValidationError):
            make_promise(customer=customer, **fields)


def test_incidents() -> None:
    customer, touch_point = make_customer(), make_touch_point()
    given: dict[str, Any] = {"customer": customer, "kind": "late", "touch_point": touch_point, "text": "Late"}
    incident, is_new = record_incident(**given)
    assert is_new is True
    assert record_incident(**given) == (incident, False)
    assert record_incident(**given, happened_at=timezone.now() - timedelta(days=1))[1] is True
    order = make_order(customer)
    about, _is_new = record_incident(**given, order=order)
    assert record_incident(**given | {"text": "Other words"}, order=order) == (about, False)
    assert record_incident(**given | {"kind": "broken"}, order=order)[1] is True, "one parcel may be late and broken"
    assert [resolve_incident(incident=incident, resolution="Sent again") for _ in range(2)] == [True, False]
    assert Incident.objects.open().count() == 3, "the others are still to be put right"
    with pytest.raises(ValidationError, match="not happened yet"):
        record_incident(**given, happened_at=timezone.now() + timedelta(days=1))
    with pytest.raises(ValidationError, match="another customer"):
        record_incident(**given | {"customer": make_customer()}, order=order)
    for fields in ({"kind": "dull"}, {"text": " "}, {"severity": 9}):
        with pytest.raises(ValidationError):
            record_incident(**given | fields)


def test_a_new_house_has_touch_points_and_its_currency() -> None:
    """The migrations have run: the tables are filled, once, and never again over what people changed."""
    slugs = {"phone-desk", "website", "delivery", "reception", "repair", "billing", "warehouse", "shop"}
    assert set(TouchPoint.objects.values_list("slug", flat=True)) == slugs
    assert Currency.objects.values_list("code", "rate").get() == ("GBP", Decimal(1))
    TouchPoint.objects.exclude(slug="shop").delete()
    Currency.objects.update(rate=2)
    ensure_starter_facts()
    assert TouchPoint.objects.get().slug == "shop"
    assert Currency.objects.get().rate == 2
    TouchPoint.objects.all().delete()
    with override_settings(HOUSE_CURRENCY="EUR"):
        # Decided after the first migration.
        ensure_starter_facts()
        assert Currency.objects.get(code="EUR").rate == 1
    assert set(TouchPoint.objects.values_list("slug", flat=True)) == slugs
