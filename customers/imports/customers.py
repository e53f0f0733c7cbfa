"""Taking in customers, a batch at a time, with the same rules as adding them one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from customers.enums import ConsentPurpose, ContactKind
from customers.imports.report import Report, RowError, errors_of
from customers.imports.table import Column, Row, day, truth
from customers.models import Consent, ContactPoint, Customer
from customers.selectors.merged import survivor
from customers.services.consents import build_consent
from customers.services.contact_points import build_contact_point, choose_preferred
from customers.services.people import PROFILE, apply_profile, build_customer, clean_profile, index_names
from customers.services.segments import choose_segments, known_segments, replace_memberships

COLUMNS: tuple[Column, ...] = (
    Column(
        "external_id",
        gettext_noop("their number at the source; the same number is the same customer"),
        is_required=True,
    ),
    Column("full_name", gettext_noop("the whole name"), is_required=True),
    Column("given_name", gettext_noop("given name")),
    Column("family_name", gettext_noop("family name")),
    Column("known_as", gettext_noop("how they like to be called: Ms Okafor")),
    Column("say_as", gettext_noop("how the name is said: oh-KAH-for")),
    Column("pronouns", gettext_noop("she/her")),
    Column("language", gettext_noop("a code such as en or fr")),
    Column("country", gettext_noop("two letters: GB, FR; national phone numbers are read as this country's")),
    Column("city", gettext_noop("city")),
    Column("time_zone", gettext_noop("Europe/London; if blank, the country's, where it has one clock")),
    Column("customer_since", gettext_noop("a day: 2019-05-31")),
    Column("phone", gettext_noop("a phone number in any notation; preferred if they have none yet")),
    Column("phone2", gettext_noop("another one")),
    Column("email", gettext_noop("an email address; preferred if they have none yet")),
    Column("email2", gettext_noop("another one")),
    Column("consent_feedback", gettext_noop("may we ask how it was: yes, no, or blank for not known")),
    Column("consent_marketing", gettext_noop("do they want news and offers: yes, no or blank")),
    Column("consent_recording", gettext_noop("may calls be recorded: yes, no or blank")),
    Column("segments", gettext_noop("short names of segments: abroad;gift-season; only ; takes them out of all")),
)
# What is sensitive is not among them: that yes is theirs to say to somebody.
_CONSENTS = {
    "consent_feedback": ConsentPurpose.FEEDBACK,
    "consent_marketing": ConsentPurpose.MARKETING,
    "consent_recording": ConsentPurpose.RECORDING,
}
_POINTS = {
    "phone": ContactKind.PHONE,
    "phone2": ContactKind.PHONE,
    "email": ContactKind.EMAIL,
    "email2": ContactKind.EMAIL,
}


@dataclass
class _Draft:
    """One good row: the customer, new or known, and what the row says of them."""

    customer: Customer
    changed: list[str] = field(default_factory=list)
    points: list[ContactPoint] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)
    segments: set[int] | None = None


class CustomersImport:
    """An import of customers from one source."""

    columns = COLUMNS
    key = "external_id"

    def __init__(self, source: str, region: str) -> None:
        self.source = source
        self.region = region

    def take(self, rows: Sequence[Row], report: Report) -> None:
        """Check a batch of rows and write the good ones, in a number of statements that does not depend on theirs."""
        numbers = [row["external_id"] for row in rows]
        of_source = Customer.objects.filter(source=self.source, external_id__in=numbers)
        known = {customer.external_id: survivor(customer) for customer in of_source}
        segments = known_segments() if any(row["segments"] for row in rows) else {}
        drafts = []
        for row in rows:
            try:
                drafts.append(self._draft(row, known.get(row["external_id"]), segments))
            except _Refused as refused:
                report.refuse(refused.errors)
        created = [draft.customer for draft in drafts if draft.customer.pk is None]
        Customer.objects.bulk_create(created)
        self._update(drafts)
        renamed = [draft.customer for draft in drafts if set(draft.changed) & set(Customer.NAMES)]
        index_names(customers=created + renamed)
        touched = {draft.customer.pk for draft in drafts if draft.changed} | self._reach(drafts) | self._consent(drafts)
        touched |= self._place(drafts)
        report.created += len(created)
        changed = len(touched - {customer.pk for customer in created})
        report.changed += changed
        report.unchanged += len(drafts) - len(created) - changed

    def _draft(self, row: Row, known: Customer | None, segments: Mapping[str, int]) -> _Draft:
        """Check one row. Blank cells say nothing, so they erase nothing."""
        errors: list[RowError] = []
        told: dict[str, Any] = {name: row[name] for name in PROFILE if row[name]}
        try:
            if "customer_since" in told:
                told["customer_since"] = day("customer_since", told["customer_since"])
            profile = clean_profile(**told)
            customer = known or build_customer(source=self.source, external_id=row["external_id"], **profile)
        except ValidationError as error:
            errors += errors_of(error, row.line)
            # Phones are checked all the same, so that everything wrong with a row is told at once.
            profile, customer = {}, known or Customer()
        points = self._points(row, customer, profile.get("country") or customer.country or self.region, errors)
        said = self._said(row, errors)
        placed = self._segments(row, segments, errors)
        if errors:
            raise _Refused(errors)
        draft = _Draft(customer, points=points, segments=placed)
        is_merged = known is not None and (known.source, known.external_id) != (self.source, row["external_id"])
        if is_merged:
            # They were merged into somebody whose profile a colleague chose: what the source says of the row that was
            # given up changes nothing but how to reach them, and a no, which harms nobody.
            draft.segments = None
        elif known:
            draft.changed = apply_profile(customer=known, profile=profile)
        told_by = _("Import from %(source)s") % {"source": self.source}
        draft.consents = [
            build_consent(customer=customer, purpose=purpose, is_given=is_given, source=told_by)
            for purpose, is_given in said.items()
            if not (is_merged and is_given)
        ]
        return draft

    def _points(self, row: Row, customer: Customer, region: str, errors: list[RowError]) -> list[ContactPoint]:
        points: dict[tuple[str, str], ContactPoint] = {}
        for column, kind in _POINTS.items():
            if not row[column]:
                continue
            try:
                point = build_contact_point(customer=customer, kind=kind, value=row[column], region=region)
            except ValidationError as error:
                errors += errors_of(error, row.line, column)
            else:
                points.setdefault((point.kind, point.normalised), point)
        return list(points.values())

    def _said(self, row: Row, errors: list[RowError]) -> dict[ConsentPurpose, bool]:
        """Read what they allow; a blank cell says nothing."""
        said: dict[ConsentPurpose, bool] = {}
        for column, purpose in _CONSENTS.items():
            try:
                is_given = truth(column, row[column])
            except ValidationError as error:
                errors += errors_of(error, row.line)
            else:
                said |= {} if is_given is None else {purpose: is_given}
        return said

    def _segments(self, row: Row, known: Mapping[str, int], errors: list[RowError]) -> set[int] | None:
        """Read the short names of a row; a blank cell says nothing of segments."""
        if not row["segments"]:
            return None
        try:
            return choose_segments(slugs=filter(str.strip, row["segments"].split(";")), known=known)
        except ValidationError as error:
            errors += errors_of(error, row.line)
            return None

    def _update(self, drafts: Sequence[_Draft]) -> None:
        """Write changed profiles; history is kept by the database's triggers."""
        changed = [draft for draft in drafts if draft.changed]
        if changed:
            fields = sorted({name for draft in changed for name in draft.changed})
            Customer.objects.bulk_update([draft.customer for draft in changed], fields)

    def _reach(self, drafts: Sequence[_Draft]) -> set[int]:
        """Add contact points that are new; those that a colleague has retired stay so. Return whose were added."""
        customers = [draft.customer for draft in drafts if draft.points]
        stored = ContactPoint.objects.filter(customer__in=customers).values_list(
            "customer_id", "kind", "normalised", "is_active", "is_preferred"
        )
        known: set[tuple[int, str, str]] = set()
        preferred: dict[int, set[str]] = {}
        for customer_id, kind, normalised, is_active, is_preferred in stored:
            known.add((customer_id, kind, normalised))
            if is_active and is_preferred:
                preferred.setdefault(customer_id, set()).add(kind)
        new: list[ContactPoint] = []
        for draft in drafts:
            pk = draft.customer.pk
            points = [point for point in draft.points if (pk, point.kind, point.normalised) not in known]
            # Two numbers may be one customer by now.
            known |= {(pk, point.kind, point.normalised) for point in points}
            choose_preferred(points=points, having=preferred.setdefault(pk, set()))
            preferred[pk] |= {point.kind for point in points}
            new += points
        ContactPoint.objects.bulk_create(new)
        return {point.customer_id for point in new}

    def _consent(self, drafts: Sequence[_Draft]) -> set[int]:
        """Add consents that say something new. Return whose were added."""
        told = [consent for draft in drafts for consent in draft.consents]
        stands = {
            (customer_id, purpose): is_given
            for customer_id, purpose, is_given in Consent.objects.filter(
                customer__in={consent.customer.pk for consent in told}, purpose__in=_CONSENTS.values()
            )
            .order_by("customer_id", "purpose", "-noted_at", "-pk")
            .distinct("customer_id", "purpose")
            .values_list("customer_id", "purpose", "is_given")
        }
        new = [one for one in told if stands.get((one.customer.pk, one.purpose)) is not one.is_given]
        # Of two who are one, this row knows nothing of the other's no.
        against = {one.customer.pk for one in new if one.is_given and (one.customer.pk, one.purpose) in stands}
        joined = set(Customer.objects.filter(merged_into__in=against).values_list("merged_into", flat=True))
        kept = {key for key in stands if key[0] in joined}
        new = [one for one in new if not (one.is_given and (one.customer.pk, one.purpose) in kept)]
        Consent.objects.bulk_create(new)
        return {consent.customer_id for consent in new}

    def _place(self, drafts: Sequence[_Draft]) -> set[int]:
        """Put customers into the segments that were told. Return whose changed."""
        wanted = {draft.customer.pk: draft.segments for draft in drafts if draft.segments is not None}
        return replace_memberships(wanted=wanted, source=self.source) if wanted else set()


class _Refused(Exception):
    """A row does not hold."""

    def __init__(self, errors: list[RowError]) -> None:
        super().__init__()
        self.errors = errors
