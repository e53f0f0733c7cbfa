"""Arrays as rows: what the database reads is what was sent."""

from decimal import Decimal

import numpy as np
import pytest
from django.db import connection
from hypothesis import example, given
from hypothesis import strategies as st

from tiers.services.copying import Column, write_rows

pytestmark = pytest.mark.django_db

MOST = 10**16 - 1


@pytest.fixture
def amounts() -> str:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE amounts (place bigint, amount numeric(16, 2)) ON COMMIT DROP")
    return "amounts"


@pytest.mark.parametrize("least", [0, 1, 99, 100, 999_999, 1_000_000, 9_999_999_999, 10**15, MOST])
def test_amounts_of_any_length_side_by_side(amounts: str, least: int) -> None:
    _agree(amounts, [least, 0, -least, 1, -1, least // 7, min(MOST, least + 1)])


def test_any_amounts(amounts: str) -> None:
    @given(st.lists(st.integers(-MOST, MOST) | st.integers(-20_000, 20_000), min_size=1, max_size=20))
    @example([999_999, 1_000_000])
    def check(cents: list[int]) -> None:
        _agree(amounts, cents)

    check()


def _agree(table: str, cents: list[int]) -> None:
    places = np.arange(len(cents), dtype=np.int64)
    columns = {"place": Column(places), "amount": Column(np.array(cents, dtype=np.int64), "cents")}
    assert write_rows(table, columns) == len(cents)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} RETURNING place, amount")
        rows = sorted(cursor.fetchall())
    assert [amount for _, amount in rows] == [Decimal(cent).scaleb(-2) for cent in cents]
