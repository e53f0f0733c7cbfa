"""The page of a version of predicted value: what it says, to whom, and the button that asks for another."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from portal.roles import Role
from tests.chance import without_chance
from tests.conftest import Programs, eventually
from tests.factories import make_user, signed_in
from tests.tiers.buying import retail
from tests.tiers.test_value_house import fill_house
from tiers.charts.calibration import HEIGHT, WIDTH, Pair, draw
from tiers.models import ValueFit
from tiers.selectors.value import as_fit
from tiers.selectors.value_wording import _CONCERNS, warning
from tiers.services.values import _write, fit_rows, fit_value
from tiers.value.fitting import Caution
from tiers.value.purchases import Rows

# One process fits, once for all of these.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("value")]
LIST, FIT = "/admin/tiers/valuefit/", "/admin/tiers/valuefit/fit/"


def page(client: Client, version: ValueFit) -> str:
    response = client.get(f"{LIST}{version.pk}/change/")
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture(scope="module")
def of_retail() -> tuple[Any, Any]:
    """The fit of Online Retail with its calibration."""
    rows: Rows = retail()
    return fit_rows(rows, horizon_days=365, until=date.fromordinal(int(rows.day.max())))


def test_what_the_page_says_of_online_retail(of_retail: tuple[Any, Any]) -> None:
    told = page(signed_in(Role.ANALYST), _write(*of_retail, None))
    assert (
        "Learned from 4,339 customers, of whom 2,790 came back: orders of 1 December 2010 to 9 December 2011." in told
    )
    assert "No drop-out is identified" in told
    assert "nobody is taken to leave" in told
    assert "13 customers came back and sent back more than they bought" in told
    assert "r 0.827, α 9.868" in told
    assert "p 2.00, q 3.60, γ 520.74" in told
    assert "by NBD, no drop-out, and held against the 124 days after it" in told
    assert 'role="img" aria-labelledby="calibration-title calibration-desc"' in told
    assert told.count("<title id=") == told.count("<desc id=") == 1
    for cell in ("1,413", "0.59", "0.73", "£234", "£270", "7+", "All"):
        assert f">{cell}<" in told, cell


def test_warnings_stand_beside_what_they_concern(of_retail: tuple[Any, Any]) -> None:
    told = page(signed_in(Role.MANAGER), _write(*of_retail, None))
    often, rest = told.split("What a purchase brings")
    worth, check = rest.split("Does it hold?")
    assert "No drop-out is identified" in often
    assert "No drop-out is identified" not in worth
    assert "No drop-out is identified" in check
    assert "sent back more than they bought" in worth
    assert "sent back more than they bought" not in often


def test_a_version_without_a_model_shows_no_number() -> None:
    told = page(signed_in(Role.MANAGER), fit_value())
    assert told.count("There is no purchase in these days yet") == 3
    assert "No part of these orders was held out" in told
    assert "<svg" not in told.split("Does it hold?")[1].split("</section>")[0]


@pytest.mark.parametrize("chance_to_leave", [0.3, 0.0])
def test_sentences_of_both_models(chance_to_leave: float) -> None:
    fill_house(chance_to_leave=chance_to_leave)
    told = page(signed_in(Role.MANAGER), fit_value())
    assert ("of customers leave for good" in told) is (chance_to_leave > 0)
    assert ("nobody is taken to leave" in told) is (chance_to_leave == 0)


def test_money_is_masked_by_its_permission(of_retail: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from portal import roles

    monkeypatch.setitem(roles.PERMISSIONS, Role.ANALYST, roles.PERMISSIONS[Role.ANALYST] - {"customers.view_margin"})
    client = signed_in(Role.ANALYST)
    told = without_chance(page(client, _write(*of_retail, None)) + client.get(LIST).content.decode())
    for canary in ("520.74", "520", "£", "What a purchase brings", "sent back more"):
        assert canary not in told, canary
    assert "r 0.827" in told


def test_list_counts_the_warnings(of_retail: tuple[Any, Any]) -> None:
    _write(*of_retail, None)
    told = signed_in(Role.ANALYST).get(LIST).content.decode()
    assert "3 warnings" in told
    assert "NBD, no drop-out" in told
    assert "Fit again" not in told


def test_the_list_asks_as_much_of_three_as_of_one(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = signed_in(Role.MANAGER)
    for count in (1, 2):
        for _ in range(count):
            fit_value()
        with django_assert_num_queries(4):
            assert "Fit again" in client.get(LIST).content.decode()


def test_every_warning_has_a_sentence_and_a_place() -> None:
    fit = as_fit(fit_value())
    for code in Caution:
        assert "%(" not in warning(code, fit)
        assert _CONCERNS[code]


def test_only_managers_ask_for_a_fit_and_only_by_post() -> None:
    assert reverse("admin:tiers_valuefit_fit") == FIT
    for role in (Role.MANAGER, Role.ADMINISTRATOR):
        assert signed_in(role).get(FIT).status_code == 405
    for role in (Role.ANALYST, Role.AGENT, Role.LEAD, Role.INTEGRATION):
        assert signed_in(role).post(FIT, follow=True).status_code == 403, role
    assert Client().post(FIT)["Location"].startswith("/admin/login/")
    assert not ValueFit.objects.exists()


def test_without_a_queue_it_says_that_nothing_was_begun() -> None:
    """No broker answers at the address of the tests' settings."""
    response = signed_in(Role.MANAGER).post(FIT, follow=True)
    assert "The queue does not answer, so nothing was begun." in response.content.decode()
    assert not ValueFit.objects.exists()


_PRESS = """
import django
django.setup()
from django.test import Client
from portal.models import User
client = Client()
client.force_login(User.objects.get(role="manager"))
for _ in range(2):
    said = client.post("/admin/tiers/valuefit/fit/", follow=True).content.decode()
    assert "We are learning from the orders in the background." in said, said
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("worker")
def test_pressed_twice_a_worker_makes_two_versions(start_worker: Programs, start_program: Programs) -> None:
    """In a process that has the broker, as the site has."""
    manager = make_user("manager")
    fill_house(60)
    start_worker()
    assert start_program("-c", _PRESS, DJANGO_SETTINGS_MODULE="portal.settings").wait(60) == 0
    eventually(lambda: ValueFit.objects.count() == 2)
    assert list(ValueFit.objects.values_list("version", "fitted_by")) == [(2, manager.pk), (1, manager.pk)]


def test_a_chart_stays_on_its_sheet() -> None:
    for pairs in ([], [Pair("0", 0, 0)], [Pair(str(n), n / 3, n * 40.0) for n in range(8)], [Pair("7+", 1e-9, 1e9)]):
        chart = draw(pairs)
        assert (chart.width, chart.height, len(chart.groups)) == (WIDTH, HEIGHT, len(pairs))
        heights = [float(tick.y) for tick in chart.ticks]
        assert heights == sorted(heights, reverse=True)
        assert 2 <= len(chart.ticks) <= 7
        for group in chart.groups:
            for bar in (group.predicted, group.actual):
                assert chart.left <= float(bar.x) <= chart.right - float(bar.width)
                assert heights[-1] - 0.1 <= float(bar.y) <= chart.ground
                assert float(bar.y) + float(bar.height) == pytest.approx(chart.ground, abs=0.11)
                assert float(bar.above) > 10


def test_no_page_carries_style_or_script_of_its_own() -> None:
    for template in Path("templates/tiers").rglob("*.html"):
        text = template.read_text()
        assert "style=" not in text
        assert "<script" not in text
        assert "onclick" not in text
