"""On which clock a customer lives."""

import io
from typing import Any

import pytest

from customers.imports import import_rows
from customers.models import Customer
from customers.services.people import add_customer, change_customer
from customers.zones import clock_of, zone_if_said, zone_of


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Asia/Tokyo", "Asia/Tokyo"),
        ("Etc/UTC", "Etc/UTC"),
        *((name, None) for name in ("UTC", "nowhere", "", "../etc/passwd")),
    ],
)
def test_who_said_no_zone_lives_where_the_house_is(settings: Any, name: str, said: str | None) -> None:
    settings.TIME_ZONE = "Europe/Paris"
    zone = zone_if_said(name)
    assert (zone and zone.key) == said
    assert zone_of(name).key == (said or "Europe/Paris")


# --- what follows from the country ---


@pytest.mark.parametrize(
    ("country", "zone"),
    [
        *(("GB", "Europe/London"), ("FR", "Europe/Paris"), ("JP", "Asia/Tokyo")),
        ("DE", "Europe/Berlin"),  # with a second zone, whose clocks show the same
        *((country, "") for country in ("US", "ES", "PT", "AU", "CN", "BR")),  # with clocks that differ
        *((country, "") for country in ("", "XX", "gb")),
    ],
)
def test_a_country_has_a_clock_where_all_its_clocks_show_the_same(country: str, zone: str) -> None:
    assert clock_of(country) == zone


def zone_now(customer: Customer) -> str:
    customer.refresh_from_db(fields=["time_zone"])
    return customer.time_zone


@pytest.mark.django_db
def test_who_is_added_with_a_country_lives_on_its_clock() -> None:
    told = {"source": "shop", "full_name": "Customer One"}
    for number, (profile, zone) in enumerate(
        [
            ({"country": "JP"}, "Asia/Tokyo"),
            ({"country": "JP", "time_zone": "Europe/Paris"}, "Europe/Paris"),
            ({"country": "US"}, "UTC"),
            ({"country": "US", "time_zone": "America/Denver"}, "America/Denver"),
            ({}, "UTC"),
        ]
    ):
        customer, _is_new = add_customer(external_id=str(number), **told, **profile)
        assert zone_now(customer) == zone


@pytest.mark.django_db
def test_who_moves_to_another_country_lives_on_its_clock_unless_somebody_said_another() -> None:
    customer, _is_new = add_customer(full_name="Customer One", country="JP")
    change_customer(customer=customer, country="FR")
    assert zone_now(customer) == "Europe/Paris"
    change_customer(customer=customer, country="US")
    assert zone_now(customer) == "UTC", "not Paris any more, and nobody knows which"
    change_customer(customer=customer, time_zone="America/Denver")
    change_customer(customer=customer, city="Denver")
    change_customer(customer=customer, country="FR")
    assert zone_now(customer) == "America/Denver", "somebody said so"
    change_customer(customer=customer, time_zone="UTC")
    assert zone_now(customer) == "Europe/Paris", "“not known” is the country's"
    assert not change_customer(customer=customer, time_zone="UTC", country="FR")


@pytest.mark.django_db
def test_an_import_says_no_zone_and_the_same_again_changes_nothing() -> None:
    text = "external_id,full_name,country,time_zone\n1,One,JP,\n2,Two,US,\n3,Three,JP,Europe/Paris\n"

    def take() -> tuple[int, int, int]:
        report = import_rows(kind="customers", file=io.StringIO(text, newline=""), source="shop")
        return report.created, report.changed, report.unchanged

    assert take() == (3, 0, 0)
    assert take() == (0, 0, 3)
    zones = Customer.objects.order_by("external_id").values_list("time_zone", flat=True)
    assert list(zones) == ["Asia/Tokyo", "UTC", "Europe/Paris"]
    # Whoever was here before houses knew of this: the next import says it.
    Customer.objects.update(time_zone="UTC")
    assert take() == (0, 2, 1)
    assert list(zones.all()) == ["Asia/Tokyo", "UTC", "Europe/Paris"]
