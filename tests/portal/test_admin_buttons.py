"""What the buttons of the admin do: publishing and copying schemes, and the key of a program."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.models import ApiToken
from portal.roles import Role
from tests.factories import make_user, signed_in
from tests.portal.known import press
from tiers.enums import SchemeState
from tiers.models import Bar, Scheme, Tier

pytestmark = pytest.mark.django_db


def make_draft() -> Scheme:
    """A draft with the bars that the published scheme has, or a sound set of its own."""
    published = Scheme.objects.filter(state=SchemeState.PUBLISHED).first()
    draft = Scheme.objects.create(version=900, name="Draft")
    for bar in published.bars.all() if published else []:
        Bar.objects.create(scheme=draft, tier=bar.tier, rule=bar.rule, measure=bar.measure, value=bar.value)
    return draft


def test_publish_retires_the_one_before_and_once_is_enough() -> None:
    draft = make_draft()
    client = signed_in(Role.MANAGER)
    press(client, "tiers.scheme", "publish", draft)
    draft.refresh_from_db()
    assert draft.state == SchemeState.PUBLISHED
    assert Scheme.objects.filter(state=SchemeState.PUBLISHED).count() == 1
    at = draft.published_at
    press(client, "tiers.scheme", "publish", draft)
    draft.refresh_from_db()
    assert draft.published_at == at


def test_faulty_draft_is_refused_with_a_sentence() -> None:
    draft = Scheme.objects.create(version=900, name="Draft")
    response = press(signed_in(Role.MANAGER), "tiers.scheme", "publish", draft)
    draft.refresh_from_db()
    assert draft.state == SchemeState.DRAFT
    assert "no bars" in response.content.decode()


@pytest.mark.parametrize("deed", ["publish", "copy_as_draft"])
def test_analyst_cannot_press(deed: str) -> None:
    draft = make_draft()
    press(signed_in(Role.ANALYST), "tiers.scheme", deed, draft)
    draft.refresh_from_db()
    assert draft.state == SchemeState.DRAFT
    assert Scheme.objects.filter(state=SchemeState.DRAFT).count() == 1


def test_two_ticked_schemes_are_one_too_many() -> None:
    one, two = make_draft(), Scheme.objects.create(version=901, name="Draft 2")
    response = press(signed_in(Role.MANAGER), "tiers.scheme", "publish", one, two)
    assert "Please tick one scheme." in response.content.decode()


def test_copy_as_draft_takes_the_bars_along() -> None:
    published = make_draft()
    press(signed_in(Role.MANAGER), "tiers.scheme", "copy_as_draft", published)
    copy = Scheme.objects.order_by("-version").first()
    assert copy is not None
    assert (copy.version, copy.state) == (901, SchemeState.DRAFT)
    assert copy.bars.count() == published.bars.count()


def test_published_scheme_is_read_only_in_the_form() -> None:
    draft = make_draft()
    client = signed_in(Role.MANAGER)
    assert b'name="name"' in client.get(f"/admin/tiers/scheme/{draft.pk}/change/").content
    press(client, "tiers.scheme", "publish", draft)
    page = client.get(f"/admin/tiers/scheme/{draft.pk}/change/")
    assert page.status_code == 200
    assert b'name="name"' not in page.content
    assert b'name="hold_days"' not in page.content
    assert client.post(f"/admin/tiers/scheme/{draft.pk}/change/", {"name": "Other"}).status_code == 403


def test_draft_is_saved_with_its_bars() -> None:
    tier = Tier.objects.order_by("-rank").first()
    assert tier is not None
    client = signed_in(Role.MANAGER)
    form = {"name": "By hand", "hold_days": "1", "grace_days": "1", f"entry-{tier.pk}-margin": "100"}
    assert client.post("/admin/tiers/scheme/add/", form).status_code == 302
    draft = Scheme.objects.get(name="By hand")
    assert (draft.state, draft.bars.get().tier, draft.bars.get().value) == (SchemeState.DRAFT, tier, 100)


def test_key_is_shown_once() -> None:
    client = signed_in(Role.ADMINISTRATOR)
    ends = timezone.now() + timedelta(days=9)
    form = {
        "name": "Webshop",
        "user": str(make_user(Role.INTEGRATION).pk),
        "scopes": ["read", "orders"],
        "expires_at_0": ends.strftime("%Y-%m-%d"),
        "expires_at_1": "12:00:00",
    }
    response = client.post("/admin/portal/apitoken/add/", form, follow=True)
    token = ApiToken.objects.get()
    told = response.content.decode()
    key = "reg_" + told.split("The key is reg_")[1].split(".")[0]
    assert ApiToken.hash_of(key) == bytes(token.key_hash)
    assert token.scopes == ["read", "orders"]
    assert key not in client.get(f"/admin/portal/apitoken/{token.pk}/change/").content.decode()
    press(client, "portal.apitoken", "revoke", token)
    token.refresh_from_db()
    assert token.revoked_at is not None
