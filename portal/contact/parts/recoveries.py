"""What is still to be mended, and the causes that it may have."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from feedback.enums import Enjoyed, RecoveryState
from feedback.models import Cause, Recovery
from feedback.selectors.causes import grow
from portal.contact.parts.part import Part, Row, Told, rows_of_customer
from portal.models import User


@dataclass
class RecoveryRow(Row):
    """An open recovery, with the answer that opened it."""

    pk: int
    state: str
    due_at: datetime
    opened_at: datetime
    owner_id: int | None
    agent_id: int | None
    owner: str | None
    enjoyed: str
    comment: str
    is_mine_to_mend: bool = False

    @property
    def is_contacted(self) -> bool:
        return self.state == RecoveryState.CONTACTED

    @property
    def sentence(self) -> str:
        if self.enjoyed == Enjoyed.PARTLY:
            return _("They enjoyed our service only in part.")
        if self.enjoyed == Enjoyed.YES:
            return _("They ask for help.")
        return _("They did not enjoy our service.")

    @property
    def title(self) -> str:
        if self.enjoyed == Enjoyed.PARTLY:
            return _("Make good what was missing")
        if self.enjoyed == Enjoyed.YES:
            return _("Help them")
        return _("Make amends")


def _ask(user: User) -> ArraySubquery:
    """Everybody's open ones: whoever speaks to the customer should know, whoever is to mend it."""
    rows = Recovery.objects.open() if user.has_perm("feedback.view_recovery") else Recovery.objects.none()
    return rows_of_customer(
        rows.order_by("due_at"),
        state="state",
        due_at="due_at",
        opened_at="opened_at",
        owner_id="owner_id",
        agent_id="answer__invitation__interaction__agent_id",
        owner="owner__display_name",
        enjoyed="answer__enjoyed",
        comment="answer__comment",
    )


def _ask_causes(user: User) -> ArraySubquery:
    """The whole small tree, for those who may close, where there is something to close."""
    rows = Cause.objects.all() if user.has_perm("feedback.change_recovery") else Cause.objects.none()
    rows = rows.filter(Exists(Recovery.objects.open().filter(customer=OuterRef(OuterRef("pk")))))
    columns = Told(pk="pk", name="name", parent_id="parent_id", is_active="is_active")
    return ArraySubquery(rows.order_by("name", "pk").values(json=columns))


def _read(rows: list[dict[str, Any]], user: User) -> list[RecoveryRow]:
    recoveries: list[RecoveryRow] = RecoveryRow.read(rows, user)
    mends_all = user.has_perm("feedback.view_all_recoveries")
    for recovery in recoveries:
        recovery.is_mine_to_mend = user.has_perm("feedback.change_recovery") and (
            mends_all or user.pk in (recovery.owner_id, recovery.agent_id)
        )
    return recoveries


def _read_causes(causes: list[dict[str, Any]] | None, _user: User) -> list[tuple[str, str]]:
    return grow([Cause(**cause) for cause in causes or []]).choices()


RECOVERIES = Part("recoveries", _ask, _read)
CAUSES = Part("causes", _ask_causes, _read_causes)
