"""Stories told by hand: somebody let down, somebody happy, and two who share a line. The newcomer has none yet."""

from datetime import datetime, timedelta
from decimal import Decimal

from customers.enums import Channel, ConsentPurpose, IncidentKind, Provenance, Severity
from customers.models import Interaction, Order, Promise
from customers.services.cautions import note_caution
from customers.services.consents import note_consent
from customers.services.gestures import record_gesture
from customers.services.incidents import record_incident
from customers.services.preferences import note_preference
from customers.services.promises import make_promise
from feedback.enums import Enjoyed, NotAsked
from feedback.models import Answer, Invitation
from portal.demo.cast import HAPPY, LET_DOWN, SHARED
from portal.demo.history.answers import past_letter
from portal.demo.history.contacts import Contact
from portal.demo.history.house import SOURCE, House, Known
from portal.demo.retail import LONDON


def write_stories(house: House) -> None:
    """Write the stories of the cast. Nobody of them is asked now about a contact of the past."""
    _let_down(house, house.known[LET_DOWN])
    _happy(house, house.known[HAPPY])
    _shared_line(house, *(house.known[number] for number in SHARED))


def _contact(
    house: House,
    one: Known,
    opened_at: datetime,
    *,
    subject: str,
    note: str,
    channel: str = Channel.PHONE,
    touch_point: str = "phone-desk",
    agent: int = 0,
    minutes: int = 6,
    waited: int | None = None,
) -> Interaction:
    """Write one past contact; `agent` counts in the house's agents, `minutes` and `waited` (minutes) are its length."""
    count = Interaction.objects.filter(source=SOURCE, customer=one.customer).count()
    return Interaction.objects.create(
        customer=one.customer,
        source=SOURCE,
        external_id=f"{one.customer.external_id}-{count + 1}",
        channel=channel,
        touch_point=house.touch_points[touch_point],
        agent=house.agents[agent % len(house.agents)],
        subject=subject,
        note=note,
        waited=None if waited is None else timedelta(minutes=waited),
        opened_at=opened_at,
        closed_at=opened_at + timedelta(minutes=minutes),
    )


def _let_down(house: House, one: Known) -> None:
    """Part of a large order came broken; she waited long to say so, and what we promised has not been done."""
    back = one.orders[-1]
    order = next(order for order in one.purchases if order.external_id in back.description)
    call = _contact(
        house,
        one,
        back.placed_at + timedelta(minutes=6),
        subject=f"Broken on arrival: order {order.external_id}",
        note="Most of the glass is in pieces. Refunded at once. She needs it for her window and wants it sent again.",
        agent=1,
        minutes=11,
        waited=14,
    )
    call_end = back.placed_at + timedelta(minutes=17)
    courier = house.touch_points["delivery"]
    record_incident(
        customer=one.customer,
        kind=IncidentKind.BROKEN,
        touch_point=courier,
        text=f"Most of the glass in order {order.external_id} arrived broken",
        severity=Severity.SERIOUS,
        happened_at=back.placed_at,
        order=order,
        interaction=call,
        recorded_by=call.agent,
    )
    record_incident(
        customer=one.customer,
        kind=IncidentKind.WAITING,
        touch_point=call.touch_point,
        text="Waited 14 minutes on the phone to tell us that her parcel had come broken",
        happened_at=call.opened_at,
        interaction=call,
        recorded_by=call.agent,
    )
    Promise.objects.create(
        customer=one.customer,
        text="Send the broken glass again by courier",
        due_at=_last_hour_before(house.now, call_end),
        touch_point=courier,
        interaction=call,
        owner=call.agent,
        made_at=call_end,
    )
    Invitation.objects.create(
        interaction=call,
        customer=one.customer,
        not_asked=NotAsked.INCIDENT,
        created_at=call_end + timedelta(seconds=20),
    )
    _let_down_before(house, one)
    note_preference(customer=one.customer, text="“Ms Okafor” until she offers her first name", noted_by=house.agents[0])
    note_preference(
        customer=one.customer,
        text="A call when something goes wrong, never a form letter",
        provenance=Provenance.CONFIRMED,
        noted_by=house.agents[1],
        interaction=call,
    )
    note_preference(
        customer=one.customer,
        text="Deliveries before 10, when the street is still open to vans",
        provenance=Provenance.OBSERVED,
        is_ask_first=True,
        noted_by=house.agents[2],
    )
    note_consent(customer=one.customer, purpose=ConsentPurpose.RECORDING, is_given=False, source="Said so on the phone")
    note_caution(
        customer=one.customer,
        text="Do not offer her a voucher",
        reason="She was sent one in April in the place of an apology",
        noted_by=house.agents[1],
        interaction=call,
    )


def _last_hour_before(now: datetime, call_end: datetime) -> datetime:
    """Return when we said we would be done: noon of the day after, or five o'clock, or noon, whichever has passed.

    The set's last order is of ten to one on the day of the call, so noon has always passed.
    """
    day = call_end.astimezone(LONDON).replace(minute=0, second=0, microsecond=0)
    times = (day.replace(hour=12), day.replace(hour=17), day.replace(hour=12) + timedelta(days=1))
    return max(moment for moment in times if moment < now)


def _let_down_before(house: House, one: Known) -> None:
    """Some months ago a promise to her was kept late."""
    order = _about(one, house.now - timedelta(days=130))
    opened_at = house.in_hours(order.placed_at + timedelta(days=3))
    contact = _contact(
        house,
        one,
        opened_at,
        subject=f"Where is order {order.external_id}?",
        note="Held at the depot.",
        agent=3,
        waited=2,
    )
    made_at = opened_at + timedelta(minutes=6)
    Promise.objects.create(
        customer=one.customer,
        text=f"Ring back with the time of delivery of order {order.external_id}",
        due_at=made_at + timedelta(hours=4),
        interaction=contact,
        owner=contact.agent,
        made_at=made_at,
        kept_at=made_at + timedelta(hours=27),
    )
    _give(house, contact, "Delivery charge given back, with a card by hand", "8.95", hours=27)
    _ask(one, contact, order, Enjoyed.PARTLY, "Polite, but I was promised a call the same day.")


def _happy(house: House, one: Known) -> None:
    """He is remembered, promises to him are kept, and he says so."""
    told = (
        (290, "Choosing for the spring window", "You remembered the twine without my asking.", Channel.VISIT, "shop"),
        (170, "Summer tables", "Always a pleasure. Diolch!", Channel.VIDEO, "shop"),
        (60, "Moving a delivery", "Done before I had hung up.", Channel.PHONE, "phone-desk"),
        # Longer ago than the house waits between two questions: the tour lets a newcomer ask him again.
        (40, "Christmas reorder", "", Channel.PHONE, "phone-desk"),
    )
    given = {290: ("A ball of brown twine in the parcel", "4.20"), 40: ("Two glass baubles to try", "11.80")}
    for days, subject, comment, channel, touch_point in told:
        order = _about(one, house.now - timedelta(days=days))
        contact = _contact(
            house,
            one,
            house.in_hours(order.placed_at + timedelta(days=1)),
            subject=subject,
            note="Done as he likes it.",
            channel=channel,
            touch_point=touch_point,
            agent=0,
            waited=0 if channel == Channel.PHONE else None,
        )
        _ask(one, contact, order, Enjoyed.YES, comment)
        if days in given:
            _give(house, contact, *given[days])
    note_preference(
        customer=one.customer,
        text="Brown twine, never sticky tape",
        provenance=Provenance.CONFIRMED,
        noted_by=house.agents[0],
    )
    note_preference(customer=one.customer, text="A word of Welsh is welcome", noted_by=house.agents[0])
    note_preference(
        customer=one.customer,
        text="Would try anything new in glass",
        provenance=Provenance.OBSERVED,
        is_ask_first=True,
        noted_by=house.agents[4 % len(house.agents)],
    )
    note_consent(customer=one.customer, purpose=ConsentPurpose.MARKETING, is_given=True, source="Said so in the shop")
    make_promise(
        customer=one.customer,
        text="Put the first glass baubles of the season aside for him",
        due_at=house.soon(22),
        owner=house.agents[0],
        touch_point=house.touch_points["shop"],
    )


def _shared_line(house: House, one: Known, other: Known) -> None:
    """A household with one telephone: the phone alone does not say who is calling."""
    for known, days, subject, note in (
        (one, 40, "Choosing cards for the tearoom", "She chooses; the bills go to Ruaridh."),
        (other, 25, "A question about the bill", "He keeps the books; Morag chooses."),
    ):
        order = _about(known, house.now - timedelta(days=days))
        contact = _contact(
            house, known, house.in_hours(order.placed_at + timedelta(days=2)), subject=subject, note=note
        )
        _ask(known, contact, order, None, "")
    note_preference(
        customer=one.customer, text="Ask who is calling: the line is Ruaridh's too", noted_by=house.agents[0]
    )
    note_preference(
        customer=other.customer, text="Ask who is calling: the line is Morag's too", noted_by=house.agents[0]
    )


def _about(one: Known, moment: datetime) -> Order:
    """Return their latest order before a moment, or their first."""
    return next((order for order in reversed(one.purchases) if order.placed_at < moment), one.purchases[0])


def _give(house: House, contact: Interaction, what: str, cost: str, hours: int = 1) -> None:
    """Write what was given so many hours after a past contact."""
    record_gesture(
        customer=contact.customer,
        what=what,
        cost=Decimal(cost),
        given_at=min(contact.opened_at + timedelta(hours=hours), house.now),
        source=SOURCE,
        external_id=f"{contact.external_id}-1",
        interaction=contact,
        by=contact.agent,
    )


def _ask(one: Known, contact: Interaction, order: Order, enjoyed: Enjoyed | None, comment: str) -> None:
    """Write the letter that asked about a past contact, and the answer if there was one."""
    at = contact.opened_at + timedelta(minutes=7)
    address = one.customer.contact_points.filter(kind="email", is_active=True).values_list("value", flat=True)[0]
    letter = past_letter(Contact(interaction=contact, known=one, order=order, topic={}), address, at)
    letter.save()
    invitation = Invitation.objects.create(interaction=contact, customer=one.customer, letter=letter, created_at=at)
    if enjoyed:
        Answer.objects.create(
            invitation=invitation,
            enjoyed=enjoyed,
            comment=comment,
            language="en",
            answered_at=at + timedelta(minutes=50),
        )
