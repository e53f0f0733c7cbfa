"""The form in which a scheme is written: what it says, what it refuses, and that nothing typed is lost."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from tests.factories import make_user
from tiers.enums import Basis, Measure, Rule, SchemeState
from tiers.forms import SchemeForm
from tiers.models import Bar, Scheme, Tier
from tiers.selectors.rule_wording import scheme_rules
from tiers.services.drafts import NewBar, NewWeight, copy_scheme, write_rules
from tiers.services.schemes import publish_scheme

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Scheme:
    """A copy of the scheme that a house begins with."""
    return copy_scheme(scheme=Scheme.objects.get(), name="Draft")


def tiers() -> list[Tier]:
    return list(Tier.objects.order_by("rank"))


def family() -> Tier:
    return Tier.objects.get(slug="family")


def sent(draft: Scheme, **more: Any) -> dict[str, str]:
    """What a browser sends when nothing is changed, and what is typed."""
    form = SchemeForm(tiers=tiers(), scheme=draft)
    shown = {name: form[name].field.prepare_value(form[name].value()) for name in form.fields}
    return {name: str(value) for name, value in shown.items() if value is not None} | more


def page(draft: Scheme) -> str:
    return f"/admin/tiers/scheme/{draft.pk}/change/"


def manager() -> Client:
    client = Client()
    client.force_login(make_user("manager"))
    return client


def rows(scheme: Scheme) -> set[tuple[Any, ...]]:
    return set(scheme.bars.values_list("pk", "tier", "rule", "measure", "basis", "value"))


def test_saving_what_is_shown_changes_nothing(draft: Scheme) -> None:
    before = rows(draft)
    assert manager().post(page(draft), sent(draft)).status_code == 302
    assert rows(draft) == before
    assert len(before) == 18


def test_what_is_typed_is_kept_and_what_is_emptied_is_gone(draft: Scheme) -> None:
    top = family().pk
    typed = {
        "name": "Autumn",
        "hold_days": "10",
        "grace_days": "0",
        f"entry-{top}-margin": "5",
        f"entry-{top}-margin-in": "share",
        f"keep-{top}-margin": "",
        f"entry-{top}-score": "62.5",
        "parts-margin": "5",
        "full-margin": "2000",
        "parts-cost": "1",
        "full-cost": "199.50",
    }
    assert manager().post(page(draft), sent(draft, **typed)).status_code == 302
    draft.refresh_from_db()
    assert (draft.name, draft.hold_days, draft.grace_days) == ("Autumn", 10, 0)
    entry = {bar.measure: (bar.basis, bar.value) for bar in draft.bars.filter(tier=top, rule=Rule.ENTRY)}
    assert entry["margin"] == (Basis.SHARE, Decimal(5))
    assert entry["score"] == (Basis.VALUE, Decimal("62.5"))
    assert not draft.bars.filter(tier=top, rule=Rule.KEEP, measure="margin").exists()
    assert set(draft.weights.values_list("measure", "weight", "full_at")) == {
        ("margin", 5, Decimal(2000)),
        ("cost", 1, Decimal("199.50")),
    }
    shown = manager().get(page(draft)).content.decode()
    assert 'value="62.5"' in shown
    assert 'value="199.5"' in shown


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "", "This field is required."),
        ("hold_days", "soon", "Write a whole number of days."),
        ("entry-margin", "much", "Write a number, like 700 or 2.5."),
        ("entry-margin", "-1", "Less than 0 is not possible here."),
        ("entry-margin", "0.001", "no more than 2 decimal places"),
        ("entry-orders", "2.5", "Write a whole number."),
        ("entry-influence", "101", "It goes from 0 to 100."),
        ("keep-score", "100.5", "It goes from 0 to 100."),
        ("keep-recency", "-1", "Less than 0 is not possible here."),
        ("parts-margin", "3", "From which value on does it give all of them?"),
        ("full-margin", "3", "How many parts? Or leave both empty."),
        ("full-margin", "0", "It has to be more than 0."),
        ("parts-margin", "101", "less than or equal to 100"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_saved(
    draft: Scheme, field: str, typed: str, sentence: str
) -> None:
    rule, _, measure = field.partition("-")
    name = f"{rule}-{family().pk}-{measure}" if rule in {"entry", "keep"} else field
    before = rows(draft)
    response = manager().post(page(draft), sent(draft, **{name: typed, "grace_days": "77"}))
    assert response.status_code == 200
    form = response.context["form"]
    # Where one of two belongs to the other, the empty one is the one to mend.
    wrong = name if name in form.errors else {"parts-margin": "full-margin", "full-margin": "parts-margin"}[name]
    assert list(form.errors) == [wrong]
    assert any(sentence in str(error) for error in form.errors[wrong]), form.errors
    shown = response.content.decode()
    assert "Nothing is saved yet" in shown
    assert 'value="77"' in shown
    assert typed in shown
    draft.refresh_from_db()
    assert (rows(draft), draft.grace_days) == (before, 30)


@pytest.mark.parametrize("share", ["0", "100.01", "-5"])
def test_a_share_is_a_share(draft: Scheme, share: str) -> None:
    name = f"entry-{family().pk}-margin"
    response = manager().post(page(draft), sent(draft, **{name: share, f"{name}-in": "share"}))
    assert response.context["form"].errors[name] == ["A share is more than 0 and at most 100 per cent."]


def test_a_draft_may_be_unfinished_and_says_what_keeps_it_from_being_published(draft: Scheme) -> None:
    typed = {f"keep-{family().pk}-margin": "9999"}
    response = manager().post(page(draft), sent(draft, _publish="", **typed), follow=True)
    assert "Staying in Family asks more than entering it" in response.content.decode()
    draft.refresh_from_db()
    assert draft.state == SchemeState.DRAFT
    assert draft.bars.get(tier=family(), rule=Rule.KEEP, measure="margin").value == 9999
    assert "Before it can be published" in manager().get(page(draft)).content.decode()


def test_save_and_publish(draft: Scheme) -> None:
    client = manager()
    form = sent(draft, _publish="", hold_days="45")
    assert client.post(page(draft), form).status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.hold_days) == (SchemeState.PUBLISHED, 45)
    # Done twice: there is no draft any more.
    assert client.post(page(draft), form).status_code == 403


def test_what_is_published_is_read_as_sentences_and_used_again(draft: Scheme) -> None:
    first = Scheme.objects.get(state=SchemeState.PUBLISHED)
    client = manager()
    shown = client.get(page(first)).content.decode()
    assert "To enter Family: at least £2,000 margin in 12 months, at least 10 orders in 12 months and the last" in shown
    assert "<input" not in shown.split('id="content-main"')[1].split('id="submit-row"')[0]
    assert "_again" not in shown
    publish_scheme(scheme=draft, by=None)
    assert "Use this again" in client.get(page(first)).content.decode()
    assert client.post(page(first), {"_again": ""}).status_code == 302
    again = Scheme.objects.get(state=SchemeState.PUBLISHED)
    assert (again.version, again.name) == (3, first.name)


@pytest.mark.parametrize("press", ["_copy", "_again", "_continue", "_publish"])
def test_an_analyst_reads_and_presses_nothing(draft: Scheme, press: str) -> None:
    client = Client()
    client.force_login(make_user("analyst"))
    assert client.get(page(draft)).status_code == 200
    assert client.post(page(draft), sent(draft, **{press: ""})).status_code == 403
    assert Scheme.objects.count() == 2


def test_a_scheme_that_is_not_there() -> None:
    assert manager().get("/admin/tiers/scheme/999999/change/").status_code == 302
    assert manager().post("/admin/tiers/scheme/999999/change/", {"_copy": ""}).status_code == 302


def test_rules_in_words(draft: Scheme) -> None:
    top = family()
    Bar.objects.filter(scheme=draft, tier=top, rule=Rule.ENTRY, measure="margin").update(basis="share", value=5)
    for measure, value in (("tenure", 365), ("predicted", 250), ("cost", 80), ("engagement", 3), ("advocacy", 60)):
        Bar.objects.create(scheme=draft, tier=top, rule=Rule.ENTRY, measure=measure, value=value)
    draft.bars.filter(tier=top, rule=Rule.KEEP).delete()
    draft.weights.create(measure="margin", weight=5, full_at=2000)
    draft.weights.create(measure="cost", weight=1, full_at=200)
    found = scheme_rules(draft)
    assert [rules.tier.slug for rules in found.tiers] == ["family", "house-guest", "regular", "guest"]
    assert found.tiers[0].entry == (
        "To enter Family: among the best 5 % of customers by margin in 12 months, at least 10 orders in 12 months, "
        "the last order at most 90 days ago, the first order at least 365 days ago, at least £250 predicted margin, "
        "at most £80 cost to serve in 12 months, at least 3 contacts in 12 months and advocacy of at least 60 out of "
        "100."
    )
    assert found.tiers[0].keep == "Whoever has entered Family stays, for life."
    assert found.tiers[3].entry == "Everybody begins in Guest."
    assert found.score == (
        "Score: 5 parts margin in 12 months (all of them from £2,000 on) and 1 part cost to serve in 12 months "
        "(the less the better, none of them from £200 on)."
    )
    assert found.hold == "Whoever moves up is held there for 90 days at least."
    assert found.grace == "Whoever is below the bars for staying for 30 days moves down one tier."


@pytest.mark.parametrize(
    ("bars", "weights", "sentence"),
    [
        ([(Measure.MARGIN, "101", Basis.SHARE)], [], "a share is more than 0 and at most 100 per cent"),
        ([(Measure.RECENCY, "5", Basis.SHARE)], [], "has no sense for “Days since the last order”"),
        ([(Measure.MARGIN, "1", Basis.VALUE)] * 2, [], "has two bars for one rule"),
        ([], [(Measure.MARGIN, 0, "1")], "the parts go from 1 to 100"),
        ([], [(Measure.MARGIN, 1, "0")], "has to be more than 0"),
        ([], [(Measure.SCORE, 1, "1")], "cannot be a part of itself"),
        ([], [(Measure.MARGIN, 1, "1")] * 2, "is in the score twice"),
    ],
)
def test_the_service_refuses_what_could_not_be_kept(
    draft: Scheme, bars: list[Any], weights: list[Any], sentence: str
) -> None:
    before = rows(draft)
    with pytest.raises(ValidationError, match=sentence):
        write_rules(
            scheme=draft,
            name="Draft",
            hold_days=1,
            grace_days=1,
            bars=[NewBar(family().pk, Rule.ENTRY, name, Decimal(value), basis) for name, value, basis in bars],
            weights=[NewWeight(name, parts, Decimal(full)) for name, parts, full in weights],
        )
    assert rows(draft) == before
    publish_scheme(scheme=draft, by=None)
    with pytest.raises(ValidationError, match="published already"):
        write_rules(scheme=draft, name="Draft", hold_days=1, grace_days=1, bars=[], weights=[])


def test_half_a_day_is_no_full_value_of_recency() -> None:
    written = {"name": "x", "hold_days": "1", "grace_days": "1", "parts-recency": "1", "full-recency": "0.5"}
    assert not SchemeForm(written, tiers=list(Tier.objects.order_by("rank"))).is_valid()
