"""The pages of previews: who may look, start, cancel and export; what is masked, noted and defused."""

import csv
import html
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from portal import roles
from portal.models import Reading
from portal.roles import Role
from tests.factories import make_customer, make_user, signed_in
from tests.tiers.customers_in_tiers import make_buyer
from tests.tiers.test_explanation_at_dates import ago
from tests.tiers.test_preview_graces import make_stricter
from tests.tiers.test_previews import finished, make_draft
from tiers import tasks
from tiers.models import Preview, Scheme, Tier
from tiers.services.previews import end_preview, request_preview
from tiers.services.runs import retier

pytestmark = pytest.mark.django_db


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:tiers_preview_{name}", args=args)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The previews that workers were asked to share; nobody is there to take the message."""
    found: list[int] = []
    monkeypatch.setattr("tiers.admin.previews.ask_for_preview", found.append)
    return found


@pytest.fixture
def preview() -> Preview:
    """A finished preview of a draft that moves three customers up."""
    today = timezone.localdate()
    for number in range(3):
        make_buyer(today, "400.00", orders=6, customer=make_customer(full_name=f"Mover {number}", country="FR"))
    retier(as_of=today)
    return finished(make_draft())


# --- looking -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.ANALYST, Role.MANAGER, Role.ADMINISTRATOR])
def test_the_page_says_what_would_happen(role: str, preview: Preview) -> None:
    told = signed_in(role).get(url("change", preview.pk)).content.decode()
    assert "▲ 3 would move up" in told
    assert 'role="img"' in told
    assert "Mover 1" in told
    assert "http-equiv" not in told
    assert ("Preview anew" in told) is (role != Role.ANALYST)
    assert "The rules have been changed since" not in told


def test_nobody_without_the_admin_sees_any_of_it(preview: Preview) -> None:
    pages = [url("changelist"), url("change", preview.pk), url("moves", preview.pk), url("export", preview.pk)]
    for role in (Role.AGENT, Role.LEAD, Role.INTEGRATION):
        client = signed_in(role)
        assert [client.get(page, follow=True).status_code for page in pages] == [403] * 4
    assert [Client().get(page).status_code for page in pages] == [302] * 4
    assert signed_in(Role.MANAGER).get(url("moves", 0)).status_code == 404


def test_a_preview_is_read_only(preview: Preview) -> None:
    client = signed_in(Role.ADMINISTRATOR)
    assert client.post(url("change", preview.pk), {"state": "queued"}).status_code == 403
    assert client.post(url("delete", preview.pk), {"post": "yes"}).status_code == 403
    assert client.get(url("add")).status_code == 403


def test_an_edited_draft_is_said(preview: Preview) -> None:
    preview.scheme.bars.filter(measure="margin", rule="entry", tier__rank=4).update(value=3000)
    told = signed_in(Role.MANAGER).get(url("change", preview.pk)).content.decode()
    assert "The rules have been changed since" in told


def test_margin_is_masked(preview: Preview, monkeypatch: pytest.MonkeyPatch) -> None:
    told = signed_in(Role.ANALYST).get(url("change", preview.pk)).content.decode()
    assert "the bar is at £350" in told
    assert "£50" in told
    monkeypatch.setitem(roles.PERMISSIONS, Role.ANALYST, roles.PERMISSIONS[Role.ANALYST] - {"customers.view_margin"})
    told = signed_in(Role.ANALYST).get(url("change", preview.pk)).content.decode()
    assert "£350" not in told
    assert "£400" not in told
    assert "£50" not in told
    assert "Shown to those who may see margin." in told
    # Bars that give no money away are told to everybody.
    assert "the bar is at 5 orders" in told


def test_whose_grace_would_begin_is_said_with_the_day_and_at_most_what_it_saves() -> None:
    for _ in range(2):
        make_buyer(ago(100), "720.00", orders=6)
    retier(as_of=ago(100))
    preview = finished(make_stricter("1.7"))
    client = signed_in(Role.MANAGER)
    told = html.unescape(client.get(url("change", preview.pk)).content.decode())
    assert "<strong>House guest: 2 customers would be below the bar for staying.</strong>" in told
    assert "They keep their tier for 30 days of grace, and" in told
    assert "whoever is still below then goes one step down, to Regular." in told
    day = date_format(ago(-30), "j F Y")
    assert f"the first could go on {day}: 2 of them." in told
    assert "that would save £66 a year in perks: at most, if nobody's numbers rise." in told
    assert "Only those who would move at once are in these sums." in told
    moves = client.get(url("moves", preview.pk)).content.decode()
    assert "Nobody would." in moves
    assert "Whose days of grace would begin or end is counted on the preview" in moves


def test_one_from_before_grace_was_counted_is_still_drawn(preview: Preview) -> None:
    assert preview.results is not None
    del preview.results["grace"]
    preview.save()
    client = signed_in(Role.MANAGER)
    told = client.get(url("change", preview.pk)).content.decode()
    assert "▲ 3 would move up" in told
    assert "days of grace" not in told
    assert len(client.get(url("moves", preview.pk)).context["rows"]) == 3


def test_a_group_that_fares_otherwise_is_named_and_a_small_one_is_not() -> None:
    today = timezone.localdate()
    for country, margin, count in (("FR", "400.00", 20), ("GB", "20.00", 60), ("DE", "400.00", 2)):
        for _ in range(count):
            make_buyer(today, margin, orders=6, customer=make_customer(country=country))
    retier(as_of=today)
    told = " ".join(signed_in(Role.ANALYST).get(url("change", finished(make_draft()).pk)).content.decode().split())
    assert "France: more of them move up than of all (100 %, 83.9 to 100.0 %)." in told
    assert "United Kingdom: fewer of them move up than of all (0 %, 0.0 to 6.0 %)." in told
    assert "Germany: more of them" not in told
    assert "One group of fewer than 20 customers: too few to tell" in told
    assert "Germany: 2 up and 0 down of 2" in told


@pytest.mark.parametrize("many", [1, 3])
def test_pages_cost_the_same_for_one_and_three(many: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    today = timezone.localdate()
    for _ in range(many):
        make_buyer(today, "400.00", orders=6)
    retier(as_of=today)
    preview = finished(make_draft())
    client = signed_in(Role.MANAGER)
    client.get(url("change", preview.pk))
    with django_assert_num_queries(9):
        client.get(url("change", preview.pk))
    with django_assert_num_queries(5):
        assert len(client.get(url("moves", preview.pk)).context["rows"]) == many


# --- starting and cancelling ---------------------------------------------------------------------


def test_a_manager_starts_and_a_second_press_finds_the_first(
    asked: list[int], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    draft, client = make_draft(), signed_in(Role.MANAGER)
    with django_capture_on_commit_callbacks(execute=True):
        first, second = (client.post(url("start", draft.pk)) for _ in range(2))
    preview = Preview.objects.get()
    assert first["Location"] == second["Location"] == url("change", preview.pk)
    assert asked == [preview.pk, preview.pk]
    assert client.get(url("start", draft.pk)).status_code == 405
    told = client.get(url("change", preview.pk)).content.decode()
    assert '<noscript><meta http-equiv="refresh" content="4"></noscript>' in told
    assert "0 of 0 customers looked at." in told


def test_only_managers_start_and_cancel(asked: list[int], preview: Preview) -> None:
    client = signed_in(Role.ANALYST)
    assert client.post(url("start", preview.scheme_id)).status_code == 403
    assert client.post(url("cancel", preview.pk)).status_code == 403
    assert Client().post(url("start", preview.scheme_id)).status_code == 302
    assert Preview.objects.count() == 1
    assert signed_in(Role.MANAGER).post(url("start", 0)).status_code == 404


def test_the_list_and_the_form_of_schemes_start(
    asked: list[int], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    draft, client = make_draft(), signed_in(Role.MANAGER)
    ticked = {"action": "preview", "_selected_action": [draft.pk]}
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("admin:tiers_scheme_changelist"), ticked)
    assert response["Location"] == url("change", Preview.objects.get().pk)
    analyst = signed_in(Role.ANALYST)
    analyst.post(reverse("admin:tiers_scheme_changelist"), ticked)
    assert Preview.objects.count() == 1
    page = client.get(reverse("admin:tiers_scheme_change", args=[draft.pk])).content.decode()
    assert 'name="_preview"' in page
    assert 'name="_preview_only"' not in page, "a draft has one way to its preview, by what stands in the form"
    published = Scheme.objects.get(state="published")
    page = client.get(reverse("admin:tiers_scheme_change", args=[published.pk])).content.decode()
    assert ('name="_preview_only"' in page, 'name="_preview"' in page) == (True, False)


def test_a_draft_with_faults_is_refused_with_its_sentences(asked: list[int]) -> None:
    draft = Scheme.objects.create(version=9, name="Nothing yet")
    response = signed_in(Role.MANAGER).post(url("start", draft.pk), follow=True)
    assert "no bars" in response.content.decode()
    assert not Preview.objects.exists()
    assert not asked


def test_cancelling_twice() -> None:
    preview, client = request_preview(scheme=make_draft(), by=None), signed_in(Role.MANAGER)
    told = [client.post(url("cancel", preview.pk), follow=True).content.decode() for _ in range(2)]
    assert "The preview is cancelled." in told[0]
    assert "had ended already" in told[1]
    preview.refresh_from_db()
    assert preview.state == "cancelled"
    assert client.get(url("cancel", preview.pk)).status_code == 405
    assert client.get(url("moves", preview.pk)).status_code == 404
    assert client.get(url("export", preview.pk)).status_code == 404


def test_the_page_that_waits_is_told_when_to_look_again() -> None:
    preview, client = request_preview(scheme=make_draft(), by=None), signed_in(Role.MANAGER)
    page = url("change", preview.pk)
    assert "HX-Refresh" not in client.get(page, headers={"HX-Request": "true"})
    tasks.preview_scheme(preview.pk)
    assert client.get(page, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


# --- who moves -----------------------------------------------------------------------------------


def test_moves_are_filtered_and_their_reading_noted(preview: Preview) -> None:
    client = signed_in(Role.ANALYST)
    tiers = {tier.rank: tier.pk for tier in Tier.objects.all()}
    assert len(client.get(url("moves", preview.pk)).context["rows"]) == 3
    assert Reading.objects.filter(door="admin").count() == 3
    found = client.get(url("moves", preview.pk), {"from": tiers[2], "to": tiers[3]})
    assert len(found.context["rows"]) == 3
    assert "Nobody would." in client.get(url("moves", preview.pk), {"from": tiers[4]}).content.decode()
    for wrong in ({"from": "x"}, {"to": "0"}, {"to": "999999"}, {"from": "-1"}):
        assert client.get(url("moves", preview.pk), wrong).status_code == 404
    assert client.post(url("moves", preview.pk)).status_code == 405


def test_the_export_is_complete_defused_and_noted() -> None:
    today = timezone.localdate()
    names = ["=1+1", "+1", "-1", "@a", "\tx", "Someone, with a comma", "Plain"]
    for name in names:
        make_buyer(today, "400.00", orders=6, customer=make_customer(full_name=name))
    retier(as_of=today)
    preview = finished(make_draft())
    response = signed_in(Role.ANALYST).get(url("export", preview.pk))
    assert response.streaming
    assert not Reading.objects.exists()
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    head, *rows = csv.reader(io.StringIO(text))
    assert head[3:] == ["Name", "Country", "From", "To", "Reason"]
    assert [row[3] for row in rows] == ["'=1+1", "'+1", "'-1", "'@a", "'\tx", *names[5:]]
    assert {tuple(row[5:]) for row in rows} == {("Regular", "House guest", "Moved up")}
    assert Reading.objects.filter(door="export").count() == len(names)
    assert client_refused(preview)


def client_refused(preview: Preview) -> bool:
    """Whether nobody exports by another method than GET."""
    return signed_in(Role.MANAGER).post(url("export", preview.pk)).status_code == 405


def test_exporting_needs_its_permission(preview: Preview, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(roles.PERMISSIONS, Role.ANALYST, roles.PERMISSIONS[Role.ANALYST] - {"tiers.export_preview"})
    client = signed_in(Role.ANALYST)
    assert client.get(url("export", preview.pk)).status_code == 403
    assert "Export as CSV" not in client.get(url("change", preview.pk)).content.decode()
    assert not Reading.objects.filter(door="export").exists()


def test_moves_from_a_tier_of_five_thousand_digits_are_not_there(client: Client) -> None:
    make_buyer(ago(0), "900.00", orders=5)
    preview = end_preview(preview=request_preview(scheme=Scheme.objects.get(state="published"), by=None))
    client.force_login(make_user(Role.MANAGER))
    assert client.get(reverse("admin:tiers_preview_moves", args=[preview.pk]), {"from": "9" * 5000}).status_code == 404
