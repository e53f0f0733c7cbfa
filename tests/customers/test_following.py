"""The triggers that follow a merge: made after migrating, and made anew where an older house wrote them otherwise."""

import pytest
from django.db import connection

from customers.services.following import ensure_following

pytestmark = pytest.mark.django_db

_SOURCES = "SELECT proname, prosrc FROM pg_proc WHERE starts_with(proname, 'customers_follow_') ORDER BY proname"


def _sources() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_SOURCES)
        return [(name, source) for name, source in cursor.fetchall()]


def test_a_function_that_was_written_otherwise_is_made_anew() -> None:
    before = _sources()
    assert len(before) > 2
    with connection.cursor() as cursor:
        for older in ("customers_follow_customer_id", "customers_follow_customer_id_of_customers_letter"):
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {older}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$"
            )
    assert _sources() != before
    assert ensure_following() == [], "no trigger was missing"
    assert _sources() == before


def test_a_trigger_that_is_missing_is_made() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER zz_follow_merge_customer_id ON customers_letter")
    assert ensure_following() == ["customers_letter"]
    assert ensure_following() == []
