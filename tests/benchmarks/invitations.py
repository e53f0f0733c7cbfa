"""How many invitations are issued in a second, in sets: letters queued, with their invitations, reasons and times.

    uv run python -m tests.benchmarks.invitations --customers 200000

It makes a database of its own with so many customers in six time zones, each with an address and a contact that was
closed in the last two days. One in twenty has an earlier yes or no to being asked, one in fifty an open incident, one
in a hundred a suppressed address; the house keeps quiet hours. Then it lets workers issue what is due, one for each
lane as the house does where many are due (feedback.tasks), and counts the letters that were queued in the seconds from
the first look to the last commit.

It prints JSON and ends with status 1 where fewer than 20,000 a second were issued. Nothing else should run meanwhile.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.benchmarks.retier import _database, _execute, _server, _set_up

BAR = 20_000

_CUSTOMERS = """
    INSERT INTO customers_customer (id, public_id, source, full_name, given_name, family_name, known_as, say_as,
                                    pronouns, language, country, city, time_zone)
    SELECT number, gen_random_uuid(), 'bench', 'Customer ' || number, '', '', '', '', '',
           (ARRAY['en', 'de', 'fr', 'es', 'pt', 'ar'])[1 + number %% 6], '', '',
           (ARRAY['UTC', 'Europe/London', 'Europe/Berlin', 'America/New_York', 'Asia/Tokyo', 'Asia/Kolkata'])
               [1 + number %% 6]
    FROM generate_series(1, %s) AS number
"""
_POINTS = """
    INSERT INTO customers_contactpoint (customer_id, kind, value, normalised, label, is_preferred, is_active)
    SELECT id, 'email', 'Customer' || id || '@mail.example', 'customer' || id || '@mail.example', '', true, true
    FROM customers_customer
"""
_CONTACTS = """
    INSERT INTO customers_interaction (public_id, customer_id, source, channel, touch_point_id, subject, note,
                                       opened_at, closed_at)
    SELECT gen_random_uuid(), id, 'bench', (ARRAY['phone', 'chat', 'email', 'visit'])[1 + id %% 4],
           (SELECT min(id) FROM customers_touchpoint), '', '',
           now() - INTERVAL '1 second' * (1000 + hashint8(id) %% 80000 + 80000) - INTERVAL '5 minutes',
           now() - INTERVAL '1 second' * (1000 + hashint8(id) %% 80000 + 80000)
    FROM customers_customer
"""
_WORDS = """
    INSERT INTO customers_consent (customer_id, purpose, is_given, source)
    SELECT id, 'feedback', id %% 40 = 0, 'bench' FROM customers_customer WHERE id %% 20 = 0
"""
_INCIDENTS = """
    INSERT INTO customers_incident (customer_id, kind, touch_point_id, severity, text, is_our_fault, resolution)
    SELECT id, 'late', (SELECT min(id) FROM customers_touchpoint), 2, 'Late', true, ''
    FROM customers_customer WHERE id %% 50 = 1
"""
_SUPPRESSIONS = """
    INSERT INTO customers_suppression (address, reason, detail)
    SELECT 'customer' || id || '@mail.example', 'refused', '' FROM customers_customer WHERE id %% 100 = 2
"""
_TABLES = ("customer", "contactpoint", "interaction", "consent", "incident", "suppression")


def main() -> int:
    """Measure, print what was found, and return the status to end with."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=200_000)
    found = measure(parser.parse_args().customers)
    machine = {"cores": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version()}
    print(json.dumps({"machine": machine, **found}, indent=2))
    return 1 if found["missed"] else 0


def measure(customers: int) -> dict[str, Any]:
    """Make a house in a database of its own and measure it, in a process of its own: the settings are read once.

    Returns what was found: the seconds, the letters, letters a second, the bar, and the names of bars missed.
    """
    with _server() as url, _database(url, "regulars_bench_invitations") as database:
        program = [sys.executable, "-c", "from tests.benchmarks.invitations import measure_house; measure_house()"]
        done = subprocess.run(
            program,
            input=json.dumps(customers),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env={**os.environ, "DATABASE_URL": database},
        )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def measure_house() -> None:
    """Read the number of customers from standard input, measure, and write what was found to standard output."""
    customers = json.load(sys.stdin)
    _set_up()
    from django.core.management import call_command

    from customers.models import Letter, TouchPoint
    from feedback.models import AskingRules, Invitation
    from feedback.services.invitations import LANES

    call_command("migrate", verbosity=0)
    TouchPoint.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    AskingRules.objects.update(quiet_from="21:00", quiet_until="08:00")
    _fill(customers)
    began = time.perf_counter()
    with ThreadPoolExecutor(LANES) as workers:
        looked_at = sum(workers.map(_invite, [customers] * LANES))
    seconds = time.perf_counter() - began
    letters = Letter.objects.filter(invitation__isnull=False, state="queued").count()
    assert looked_at == Invitation.objects.count() == customers, "each contact was looked at"
    assert letters > 0.9 * customers, "nearly all are asked"
    rate = letters / seconds
    json.dump(
        {
            "customers": customers,
            "workers": LANES,
            "letters": letters,
            "seconds": round(seconds, 3),
            "letters_a_second": round(rate),
            "bar": BAR,
            "missed": [] if rate >= BAR else ["letters a second"],
        },
        sys.stdout,
    )


def _invite(limit: int) -> int:
    """Issue, over a connection of its own, whatever no other worker has taken."""
    from django.db import connection

    from feedback.services.invitations import invite_new

    try:
        return invite_new(limit=limit)
    finally:
        connection.close()


def _fill(customers: int) -> None:
    for table in _TABLES:
        _execute(f"ALTER TABLE customers_{table} DISABLE TRIGGER USER")
    _execute(_CUSTOMERS, [customers])
    for statement in (_POINTS, _CONTACTS, _WORDS, _INCIDENTS, _SUPPRESSIONS):
        _execute(statement, [])
    for table in _TABLES:
        _execute(f"ALTER TABLE customers_{table} ENABLE TRIGGER USER")
        _execute(f"VACUUM ANALYZE customers_{table}")
    _execute("CHECKPOINT")


if __name__ == "__main__":
    sys.exit(main())
