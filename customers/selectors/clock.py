"""The database's clock, by which everything here is told."""

from datetime import datetime

from django.db import connection
from django.db.models import DateTimeField, Func


class ClockNow(Func):
    """What `database_now` returns, beside rows that are asked for."""

    function = "clock_timestamp"
    output_field = DateTimeField()


def database_now() -> datetime:
    """Return the time by the database's clock, as it is now and not as the transaction began."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    now: datetime = row[0]
    return now
