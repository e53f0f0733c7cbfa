"""What was learned of hints, as it is told: each share with how sure it is, and how many it rests on."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from feedback.charts import dots
from feedback.rates import ENOUGH, Rate
from feedback.selectors.insight_page import Told, interval, told
from portal.hints.learning import Beta, Tried, posterior, prior
from portal.models import HintArm, HintKind, HintMode, HintRule, Situation
from tiers.previewing import wilson
from tiers.selectors.preview_page import percent

# Each contact once, for each kind that was shown in it: made use of, or not.
_ENJOYED = """
    SELECT contact.kind, contact.situation, contact.was_used, count(*), count(*) FILTER (WHERE answer.enjoyed = 'yes')
    FROM (SELECT kind, situation, interaction_id, bool_or(outcome = 'used') AS was_used
          FROM portal_hintshown GROUP BY kind, situation, interaction_id) AS contact
    JOIN feedback_invitation AS invitation ON invitation.interaction_id = contact.interaction_id
    JOIN feedback_answer AS answer ON answer.invitation_id = invitation.id AND answer.is_counted
    GROUP BY contact.kind, contact.situation, contact.was_used
"""


@dataclass(frozen=True, slots=True)
class Enjoyed:
    """How many answered contacts there were, and how many of them were enjoyed."""

    said: int = 0
    yes: int = 0

    def plus(self, other: "Enjoyed") -> "Enjoyed":
        """Return both together."""
        return Enjoyed(self.said + other.said, self.yes + other.yes)

    @property
    def told(self) -> Told | None:
        """The rate with Wilson's interval; None where too few answered to tell."""
        if self.said < ENOUGH:
            return None
        return told(Rate(self.yes / self.said, *wilson(self.yes, self.said), self.said))


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of hint in one situation, or (`situation` empty) in all."""

    situation: str
    name: str
    tried: Tried
    belief: Beta | None
    used: Enjoyed
    not_used: Enjoyed

    @property
    def is_told(self) -> bool:
        """Whether enough was said of such hints to tell anything."""
        return self.tried.pressed >= ENOUGH

    @property
    def mean(self) -> str:
        return percent(self.belief.mean) if self.belief else ""

    @property
    def range(self) -> str:
        return interval(*self.belief.interval()) if self.belief else ""


@dataclass(frozen=True, slots=True)
class Group:
    """A kind of hint: how it takes part, its situations and their chart."""

    kind: str
    title: str
    rule: HintRule
    rows: list[Row]
    whole: Row
    chart: dots.Chart

    @property
    def is_off(self) -> bool:
        return self.rule.mode == HintMode.OFF


def learned() -> list[Group]:
    """Return what was learned, by kind and situation (3 queries)."""
    tried = {
        (arm.kind, arm.situation): Tried(arm.shown, arm.used, arm.not_relevant, arm.wrong)
        for arm in HintArm.objects.all()
    }
    rules = {rule.kind: rule for rule in HintRule.objects.all()}
    enjoyed = _enjoyed()
    return [_group(kind, rules.get(kind, HintRule(kind=kind)), tried, enjoyed) for kind in HintKind.values]


Counts = dict[tuple[str, str, bool], Enjoyed]


def _enjoyed() -> Counts:
    counts: Counts = defaultdict(Enjoyed)
    with connection.cursor() as cursor:
        cursor.execute(_ENJOYED)
        for kind, situation, was_used, said, yes in cursor.fetchall():
            counts[kind, situation, was_used] = Enjoyed(said, yes)
    return counts


def _group(kind: str, rule: HintRule, tried: dict[tuple[str, str], Tried], enjoyed: Counts) -> Group:
    rows, whole = [], Row("", _("All"), Tried(), None, Enjoyed(), Enjoyed())
    for situation in Situation:
        counts = tried.get((kind, situation), Tried())
        used, not_used = (enjoyed.get((kind, situation, is_used), Enjoyed()) for is_used in (True, False))
        belief = posterior(prior(kind, situation), counts)
        rows.append(Row(situation, str(situation.label), counts, belief, used, not_used))
        whole = Row(
            "", whole.name, whole.tried.plus(counts), None, whole.used.plus(used), whole.not_used.plus(not_used)
        )
    return Group(kind, str(HintKind(kind).label), rule, rows, whole, dots.draw([_dot(kind, row) for row in rows], None))


def _dot(kind: str, row: Row) -> dots.Dot:
    """Draw what is believed, and beside it what was believed at the beginning."""
    if not row.is_told or row.belief is None:
        return dots.Dot(row.name, _("too few to tell"))
    low, high = row.belief.interval()
    return dots.Dot(row.name, row.mean, row.belief.mean, low, high, prior(kind, row.situation).mean)
