"""What the history is invented around: the loaded customers and orders, the colleagues, the words."""

import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from customers.models import Customer, Order, TouchPoint
from portal.demo import retail
from portal.demo.cast import PEOPLE, SEED
from portal.models import User

# What interactions of the history carry as their source.
SOURCE = "demo"


@dataclass(slots=True)
class Known:
    """A loaded customer with their orders, oldest first."""

    customer: Customer
    orders: list[Order] = field(default_factory=list)
    total: Decimal = Decimal(0)

    @property
    def purchases(self) -> list[Order]:
        """Their orders without returns."""
        return [order for order in self.orders if order.kind == Order.Kind.PURCHASE]


@dataclass(slots=True)
class House:
    """The loaded house at a moment. `regulars` are those outside the cast, the largest first."""

    now: datetime
    random: Random
    agents: list[User]
    touch_points: dict[str, TouchPoint]
    known: dict[str, Known]
    regulars: list[Known]

    def in_hours(self, moment: datetime) -> datetime:
        """Return a time of that day, or of the Monday after it, when the house was open (London, 9 to half past 5)."""
        day = moment.astimezone(retail.LONDON).date()
        day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
        opened = datetime.combine(day, time(9), retail.LONDON)
        return (opened + timedelta(seconds=self.random.randrange(8 * 3600 + 1800))).astimezone(UTC)

    def soon(self, hours: int) -> datetime:
        """Return the full hour so many hours from now, or ten o'clock of the next working day if we are closed then."""
        moment = self.now.astimezone(retail.LONDON).replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)
        if moment.weekday() > 4 or not 9 <= moment.hour < 18:
            moment = moment.replace(hour=10) + timedelta(days=1 if moment.hour >= 18 else 0)
            moment += timedelta(days=max(0, 7 - moment.weekday()) if moment.weekday() > 4 else 0)
        return moment.astimezone(UTC)


def look_around(*, now: datetime, agents: list[User]) -> House:
    """Read what has been loaded (three queries)."""
    customers = Customer.objects.filter(source=retail.SOURCE).order_by("external_id")
    known = {str(customer.external_id): Known(customer) for customer in customers}
    ids = {one.customer.pk: one for one in known.values()}
    orders = Order.objects.filter(source=retail.SOURCE).order_by("placed_at", "external_id")
    for order in orders.defer("margin", "house_amount", "house_margin", "recorded_at"):
        one = ids[order.customer_id]
        one.orders.append(order)
        one.total += order.amount
    regulars = sorted(
        (one for number, one in known.items() if number not in PEOPLE and one.purchases),
        key=lambda one: (-one.total, one.customer.external_id),
    )
    return House(
        now=now,
        random=Random(f"{SEED}:history"),
        agents=agents,
        touch_points={point.slug: point for point in TouchPoint.objects.all()},
        known=known,
        regulars=regulars,
    )


@cache
def words() -> dict[str, Any]:
    """Return the tables of history.toml."""
    return tomllib.loads(Path(__file__).parent.with_name("history.toml").read_text(encoding="utf-8"))
