"""How fast a re-tiering is, measured beside PostgreSQL's own bare aggregate: ratios from one run on one machine.

    uv run python -m tests.benchmarks.retier --customers 100000 1000000 --orders 10

For each number of customers it makes a database of its own, in which everybody has so many orders over three years,
fits predicted value, and measures:

- `bare`: `count, sum, min, max … GROUP BY customer` through the covering index of orders, the median of several;
- `first`: the first full run, in which everybody gets a standing;
- `moving`: a full run, everybody reckoned anew from the facts, in which one in twenty moves;
- `nightly`: the run of the next day, with one in a hundred touched and all whose twelve months have moved on;
- `touched`: a thousand touched customers, at once;
- `plain`: what PostgreSQL alone takes for a thousand customers to read their orders and their tier and to update one
  narrow row for each, in a table that has nothing but its key: nothing is decided, checked or noted. No `touched` can
  be quicker.

A run counts from the moment when it is begun to the moment when it is marked as finished; the workers are processes
that wait for it. It prints JSON and ends with status 1 where a bar is missed. Nothing else should run meanwhile.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

# How many times the bare aggregate each may take.
BARS = {"first": 5.0, "moving": 3.0, "nightly": 0.3, "touched": 0.1}
# By how much a worker's memory may grow from the smallest house to the largest.
MEMORY_BAR = 1.5
TOUCHED = 1_000

BARE = """
    SELECT sum(orders), sum(margin), min(first), max(last) FROM (
        SELECT customer_id, count(*) AS orders, sum(house_margin) AS margin, min(placed_at) AS first,
               max(placed_at) AS last
        FROM customers_order GROUP BY customer_id OFFSET 0
    ) AS bare
"""

_CUSTOMERS = """
    INSERT INTO customers_customer (id, public_id, source, full_name, given_name, family_name, known_as, say_as,
                                    pronouns, language, country, city, time_zone)
    SELECT number, gen_random_uuid(), 'bench', 'Customer ' || number, '', '', '', '', '', 'en', '', '', 'UTC'
    FROM generate_series(1, %s) AS number
"""

_PLAIN = """
    WITH theirs AS (
        SELECT customer_id, count(*) AS orders, sum(house_margin) AS margin, min(placed_at) AS first,
               max(placed_at) AS last
        FROM customers_order WHERE customer_id = ANY((SELECT %s::bigint[])::bigint[]) GROUP BY customer_id
    )
    UPDATE plain SET margin = theirs.margin, orders = theirs.orders, first_order_on = first, last_order_on = last,
                     mark = standing.tier_id
    FROM theirs JOIN tiers_standing AS standing ON standing.customer_id = theirs.customer_id AND valid_until IS NULL
    WHERE plain.customer_id = theirs.customer_id
"""

# Every customer at a pace of their own, so that the models of predicted value have something to learn.
_ORDERS = """
    INSERT INTO customers_order (customer_id, source, external_id, kind, placed_at, amount, margin, currency_id,
                                 house_amount, house_margin, is_our_fault, is_margin_estimated, description)
    SELECT customer, 'bench', customer || '/' || number, 'purchase',
           now() - INTERVAL '2 days' - INTERVAL '1 second' * ((hashint8extended(customer, 1) %% 40000000 + 40000000)
               + number * (abs(hashint8extended(customer * 1000 + number, 2)) %% 6000000)) / 2,
           100, margin, 'GBP', 100, margin, false, false, ''
    FROM generate_series(1, %s) AS customer, generate_series(0, %s - 1) AS number,
         LATERAL (SELECT (1 + abs(hashint8extended(customer * 1000 + number, 3)) %% 9999) / 100.0 AS margin) AS worth
"""

_MORE = """
    INSERT INTO customers_order (customer_id, source, external_id, kind, placed_at, amount, margin, currency_id,
                                 house_amount, house_margin, is_our_fault, is_margin_estimated, description)
    SELECT customer, %s, customer || '/' || number, 'purchase', now() - INTERVAL '36 hours' - number * INTERVAL '1 day',
           100, %s, 'GBP', 100, %s, false, false, ''
    FROM unnest(%s::bigint[]) AS customer, generate_series(1, %s) AS number
"""


def main() -> int:
    """Measure each house, print what was found, and return the status to end with."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--orders", type=int, default=10, help="of each customer")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        return _work()
    found = []
    with _server() as url:
        for customers in options.customers:
            with _database(url, f"regulars_bench_{customers}") as database:
                found.append(_measure(database, customers, options.orders, options.workers))
    missed = [f"{house['customers']}: {name}" for house in found for name in house["missed"]]
    growth = max(house["worker_peak_mb"] for house in found) / min(house["worker_peak_mb"] for house in found)
    if growth > MEMORY_BAR:
        missed.append("memory")
    machine = {"cores": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version()}
    answer = {"machine": machine, "bars": BARS, "memory_growth": round(growth, 2), "houses": found, "missed": missed}
    print(json.dumps(answer, indent=2))
    return 1 if missed else 0


def _measure(url: str, customers: int, orders: int, workers: int) -> dict[str, Any]:
    """Make a house and measure it, in a process of its own: the settings are read once."""
    os.environ["DATABASE_URL"] = url
    program = [sys.executable, "-c", "from tests.benchmarks.retier import measure_house; measure_house()"]
    arguments = json.dumps({"customers": customers, "orders": orders, "workers": workers})
    done = subprocess.run(program, input=arguments, stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def measure_house() -> None:
    """Read what is wanted from standard input, measure, and write what was found to standard output."""
    wanted = json.load(sys.stdin)
    _set_up()
    from django.core.management import call_command
    from django.utils import timezone

    from tiers.services.runs import retier_touched
    from tiers.services.values import fit_value

    call_command("migrate", verbosity=0)
    _say("making the house")
    _fill(wanted["customers"], wanted["orders"])
    today = timezone.localdate()
    yesterday = today - timedelta(days=1)
    fitting = _timed(lambda: fit_value(until=yesterday))
    with _workers(wanted["workers"]) as work:
        found: dict[str, Any] = {"bare": _bare()}
        runs = {}
        found["first"], runs["first"] = work(as_of=yesterday, is_full=True)
        # Autovacuum comes to tables that have grown by more than a fifth, long before anybody runs the next full run;
        # after the others, which change less, it would not have come, and so nothing is tidied up.
        _execute("VACUUM ANALYZE tiers_measures, tiers_standing, tiers_move")
        _buy("moving", "299.00", _guests(wanted["customers"] // 20), orders=2)
        found["moving"], runs["moving"] = work(as_of=yesterday, is_full=True)
        _execute("TRUNCATE customers_touch")
        _buy("nightly", "1.00", _every(100, wanted["customers"]), orders=1)
        found["bare again"] = _bare()
        found["nightly"], runs["nightly"] = work(as_of=today, is_full=False)
        _buy("touched", "1.00", _some(wanted["customers"], first=7), orders=1)
        found["touched"] = _timed(lambda: retier_touched(limit=TOUCHED))
        found["plain"] = _plain(wanted["customers"])
    bare = statistics.median([found.pop("bare"), found.pop("bare again")])
    ratios = {name: round(seconds / bare, 3) for name, seconds in found.items()}
    answer = {
        "customers": wanted["customers"],
        "orders": wanted["orders"] * wanted["customers"],
        "workers": wanted["workers"],
        "seconds": {"bare": round(bare, 3), "fit": round(fitting, 2), **{k: round(v, 3) for k, v in found.items()}},
        "ratios": ratios,
        "runs": runs,
        "worker_peak_mb": round(max(work.peaks()), 1),
        "missed": [name for name, ratio in ratios.items() if name in BARS and ratio > BARS[name]],
    }
    json.dump(answer, sys.stdout)


class _Work:
    """Worker processes that wait for a run."""

    def __init__(self, workers: list["subprocess.Popen[str]"]) -> None:
        self._workers = workers
        self._peaks: list[float] = []

    def __call__(self, **how: Any) -> tuple[float, dict[str, Any]]:
        """Begin a run, let the workers do it, and return the seconds to its end with what it did."""
        from tiers.models import Run
        from tiers.services.runs import start_run

        began = time.perf_counter()
        run = start_run(**how)
        assert run is not None
        for worker in self._workers:
            assert worker.stdin is not None
            print(run.pk, file=worker.stdin, flush=True)
        for worker in self._workers:
            assert worker.stdout is not None
            self._peaks.append(float(worker.stdout.readline()))
        run = Run.objects.get(pk=run.pk)
        assert run.state == "finished"
        seconds = time.perf_counter() - began
        _say(f"{run.kind}: {seconds:.2f} s, {run.customers} looked at, {run.moves} moved")
        return seconds, {"kind": run.kind, "customers": run.customers, "moves": run.moves}

    def peaks(self) -> list[float]:
        """Return what each worker held at most, in MB."""
        return self._peaks


@contextmanager
def _workers(count: int) -> Iterator[_Work]:
    program = [sys.executable, "-m", "tests.benchmarks.retier", "--work"]
    workers = [
        subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(count)
    ]
    try:
        for worker in workers:
            assert worker.stdout is not None
            worker.stdout.readline()
        yield _Work(workers)
    finally:
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.close()
            worker.wait()


def _work() -> int:
    """Work each run whose number comes on standard input, and answer with the memory held at most, in MB."""
    _set_up()
    from django.db import connection

    from tiers.services.runs import work_run
    from tiers.tasks import load_mathematics

    # As a worker of the house when it starts.
    load_mathematics()
    connection.ensure_connection()
    print("ready", flush=True)
    for line in sys.stdin:
        work_run(run_id=int(line))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)
    return 0


def _fill(customers: int, orders: int) -> None:
    """Make customers and orders as fast as it goes: the indexes that a run reads come last."""
    for table in ("customers_customer", "customers_order"):
        _execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    _execute("INSERT INTO customers_currency (code, rate, updated_at) VALUES ('GBP', 1, now()) ON CONFLICT DO NOTHING")
    _execute(_CUSTOMERS, [customers])
    # Nothing here asks for an order by its number at its source; the index on it would take most of the time.
    _execute("ALTER TABLE customers_order DROP CONSTRAINT order_once_per_source")
    made: list[Any] = []
    _execute("SELECT pg_get_indexdef('order_of_customer'::regclass)", keep=made)
    _execute("DROP INDEX order_of_customer")
    _execute(_ORDERS, [customers, orders])
    _execute(made[0][0])
    for table in ("customers_customer", "customers_order"):
        _execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        _execute(f"VACUUM ANALYZE {table}")
    _execute("CHECKPOINT")


def _buy(source: str, margin: str, customers: list[int], *, orders: int) -> None:
    """Add orders of some customers, through the triggers that note them."""
    _execute(_MORE, [source, margin, margin, customers, orders])
    _execute("VACUUM ANALYZE customers_order, customers_touch")
    _execute("CHECKPOINT")


def _guests(count: int) -> list[int]:
    """Return some customers of the lowest tier, who move when they buy."""
    found: list[Any] = []
    _execute(
        "SELECT customer_id FROM tiers_standing JOIN tiers_tier AS tier ON tier.id = tier_id WHERE tier.rank = 1 "
        "AND valid_until IS NULL ORDER BY hashint8extended(customer_id, 0) LIMIT %s",
        [count],
        keep=found,
    )
    return [row[0] for row in found]


def _some(customers: int, first: int) -> list[int]:
    return list(range(first, customers, customers // TOUCHED))[:TOUCHED]


def _every(step: int, customers: int) -> list[int]:
    return list(range(step, customers + 1, step))


def _bare() -> float:
    """Return the seconds of the bare aggregate, the median of five."""
    return statistics.median(_timed(lambda: _execute(BARE, keep=[])) for _ in range(5))


def _plain(customers: int) -> float:
    """Return the seconds of the plain statement, the median of five, each about others."""
    _execute("CREATE TABLE plain AS SELECT * FROM tiers_measures")
    _execute("ALTER TABLE plain ADD PRIMARY KEY (customer_id)")
    _execute("VACUUM ANALYZE plain")
    _execute("CHECKPOINT")
    found = []
    for first in range(20, 25):
        who = _some(customers, first)
        began = time.perf_counter()
        _execute(_PLAIN, [who])
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def _timed(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def _execute(sql: str, params: list[Any] | None = None, keep: list[Any] | None = None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        if keep is not None:
            keep.extend(cursor.fetchall())


def _set_up() -> None:
    os.environ.setdefault("SECRET_KEY", "for benchmarks alone")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()


@contextmanager
def _server() -> Iterator[str]:
    """Yield the URL of a server: that of DATABASE_URL, or an embedded one for the time being."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    from portal.embedded.postgres import Postgres

    state = Path(tempfile.mkdtemp(prefix="regulars-bench-"))
    server = Postgres(state)
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(state, ignore_errors=True)


@contextmanager
def _database(server: str, name: str) -> Iterator[str]:
    """Yield the URL of a database that is made for this and dropped in the end."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
