"""How fast the desk is with many customers: ratios to a bare page, from one run on one machine.

    uv run python -m tests.benchmarks.desk --customers 1000000

It makes a house (desk_house), lets a full re-tiering give everybody a tier, and asks one granian for:

- `bare`: the page of DESIGN section 9, with session, user and one indexed query, each as Django does it (desk_pages);
- `plain`: the same page, with session and user read as the house reads them; to show how much of a ratio that is;
- `contact`: the contact view by id, up to where one can read and speak;
- `timeline`: what the contact view asks for next, alone; it has no bar of its own, and is told because it is work, too;
- `phone`: what the phone system opens: the contact view of whoever has exactly this number, in one request;
- `name`, `tail`, `email`: searches by the beginning of a name, the last digits of a phone, the beginning of an address;
- `busy`: the contact view while a full re-tiering runs, whose 95th percentile is set against its quiet one.

The kinds take turns, each with 1, 4 and 16 clients. It prints JSON (milliseconds at the median, the 95th and the 99th
percentile, queries, bytes, and the ratio of medians) and ends with status 1 where a bar is missed. Nothing else should
run meanwhile.
"""

import argparse
import json
import os
import platform
import random
import statistics
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.benchmarks import serving

if TYPE_CHECKING:
    from portal.models import User

# Of medians, to the bare page with as many clients.
BARS = {"contact": 3.0, "phone": 3.0, "name": 3.0, "tail": 3.0, "email": 3.0}
QUERIES = 8
# Of the contact view's 95th percentile during a re-tiering to its quiet one.
BUSY = 2.5
CLIENTS = (1, 4, 16)
# Each turn opens its connections anew, and chance deals them out to the web processes: many turns even that out.
ROUNDS = 12

Asked = list[list[bytes]]
# As a page asks for a part of itself.
_PART = {"HX-Request": "true"}


def main() -> int:
    """Measure, print what was found, and return the status to end with."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=1_200, help="of each kind, for each number of clients")
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.desk_settings"
    os.environ.setdefault("DATABASE_POOL", "8")
    with serving.database() as url:
        serving.set_up()
        cookies = _make_house(url, options.customers)
        found = _measure(options, cookies)
    machine = {"cores": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version()}
    print(json.dumps({"machine": machine, "customers": options.customers, **found}, indent=2))
    return 1 if found["missed"] else 0


@dataclass(frozen=True)
class _Cookies:
    """What the browser of the agent who asks sends along: to the house's pages, and to the bare one."""

    house: str
    bare: str


def _make_house(url: str, customers: int) -> _Cookies:
    """Fill the house, give everybody a tier, and sign in the agent who will ask."""
    from django.conf import settings

    from customers.models import Currency, TouchPoint
    from portal.models import User
    from tests.benchmarks.desk_house import load_house

    agent = User.objects.create_user(email="agent@house.example", password=None, display_name="Agent", role="agent")
    place, _made = TouchPoint.objects.get_or_create(slug="phone-desk", defaults={"name": "Phone desk"})
    Currency.objects.get_or_create(code="GBP", defaults={"rate": 1})
    _say("loading")
    load_house(url, customers=customers, agent=agent.pk, place=place.pk)
    _say("the first re-tiering")
    _retier().wait()
    house, djangos = settings.AUTHENTICATION_BACKENDS
    cookies = _Cookies(house=_sign_in(agent, house), bare=_sign_in(agent, djangos))
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    return cookies


def _sign_in(agent: "User", backend: str) -> str:
    """Return the cookies of somebody who signed in by this backend."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils.crypto import get_random_string

    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(agent.pk), backend
    session[HASH_SESSION_KEY] = agent.get_session_auth_hash()
    session.create()
    # A browser that has signed in sends the secret against forgery along, with each request.
    return f"sessionid={session.session_key}; csrftoken={get_random_string(32)}"


def _retier() -> "subprocess.Popen[bytes]":
    """Begin a full re-tiering in a process of its own, which yields to the pages as a worker of the house does."""
    program = (
        "import django; django.setup(); from tiers.services.runs import start_run, work_run; "
        "run = start_run(is_full=True); work_run(run_id=run.pk)"
    )
    return subprocess.Popen([sys.executable, "-c", program], cwd=serving.ROOT, preexec_fn=lambda: os.nice(10))


def _measure(options: argparse.Namespace, cookies: _Cookies) -> dict[str, Any]:
    from django.conf import settings

    kinds = _kinds(options.customers, options.requests, cookies)
    pages = {kind: _count(asked[0], cookies.bare if kind == "bare" else cookies.house) for kind, asked in kinds.items()}
    found: dict[str, Any] = {}
    with serving.granian("portal.wsgi:application", settings=str(settings.SETTINGS_MODULE)) as port:
        for asked in kinds.values():
            serving.time_all(port, asked[:40], connections=4)
        for clients in CLIENTS:
            found[f"{clients} clients"] = _side_by_side(port, kinds, clients)
        busy = _while_retiering(port, kinds["contact"])
    quiet = found["1 clients"]["contact"]["p95"]
    found["busy"] = busy | {"to its quiet p95": round(busy["p95"] / quiet, 2)}
    missed = [
        f"{kind} with {clients} clients"
        for clients in CLIENTS
        for kind, bar in BARS.items()
        if found[f"{clients} clients"][kind]["ratio"] > bar
    ]
    missed += [f"queries of {kind}" for kind in ("contact",) if pages[kind]["queries"] > QUERIES]
    missed += ["busy"] if found["busy"]["to its quiet p95"] > BUSY else []
    return {"bars": BARS | {"queries": QUERIES, "busy": BUSY}, "pages": pages, **found, "missed": missed}


def _side_by_side(port: int, kinds: dict[str, Asked], clients: int) -> dict[str, Any]:
    """Ask for each kind in turns, and return what each took beside the bare page."""
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for turn in range(ROUNDS):
        for kind, asked in kinds.items():
            times[kind] += serving.time_all(port, asked[turn::ROUNDS], connections=clients)
    bare = statistics.median(times["bare"])
    return {kind: _sum_up(took) | {"ratio": round(statistics.median(took) / bare, 2)} for kind, took in times.items()}


def _while_retiering(port: int, asked: Asked) -> dict[str, float]:
    """Ask for the contact view, one at a time, for as long as a full re-tiering runs."""
    run, times = _retier(), []
    while run.poll() is None:
        times += serving.time_all(port, asked[:50], connections=1)
    return _sum_up(times) | {"requests": len(times)}


def _sum_up(times: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100)
    return {"p50": _ms(statistics.median(times)), "p95": _ms(cuts[94]), "p99": _ms(cuts[98])}


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


def _kinds(customers: int, count: int, cookies: _Cookies) -> dict[str, Asked]:
    """Return what is asked of each kind: a list of visits, each of one request or of two that follow one another."""
    from customers.models import ContactPoint, Customer

    chance = random.Random(1)
    # The same share of the house for each kind, never the same customer twice: nobody profits from the one before.
    kinds = ("bare", "plain", "timeline", *BARS)
    chosen = chance.sample(range(1, customers + 1), min(customers, count * len(kinds)))
    parts = {kind: chosen[n :: len(kinds)] for n, kind in enumerate(kinds)}
    people = Customer.objects.in_bulk(chosen)
    phones = dict(
        ContactPoint.objects.filter(customer__in=parts["phone"] + parts["tail"], kind="phone").values_list(
            "customer", "normalised"
        )
    )

    def get(path: str, **headers: str) -> bytes:
        return serving.get_request(path, **{"Cookie": cookies.house, **headers})

    def contact(pk: int) -> str:
        return f"/customers/{people[pk].public_id}/"

    def beginning(pk: int) -> str:
        return f"/customers/?q={people[pk].given_name}+{people[pk].family_name[:4]}"

    return {
        "bare": [[get(f"/bare/{pk}/", Cookie=cookies.bare)] for pk in parts["bare"]],
        "plain": [[get(f"/plain/{pk}/")] for pk in parts["plain"]],
        "contact": [[get(contact(pk))] for pk in parts["contact"]],
        "timeline": [[get(f"{contact(pk)}?show=timeline", **_PART)] for pk in parts["timeline"]],
        "phone": [[get(f"/pop/?phone=%2B{phones[pk][1:]}")] for pk in parts["phone"]],
        "name": [[get(beginning(pk))] for pk in parts["name"]],
        "tail": [[get(f"/customers/?q={phones[pk][-6:]}")] for pk in parts["tail"]],
        "email": [[get(f"/customers/?q=regular{pk}%40")] for pk in parts["email"]],
    }


def _count(visit: list[bytes], cookie: str) -> dict[str, int]:
    """Return the queries and the bytes of a visit, asked for in this process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"cookie": cookie})
    queries = size = 0
    for request in visit:
        headers = _PART if b"HX-Request" in request else {}
        with CaptureQueriesContext(connection) as captured:
            response = client.get(request.split(b" ", 2)[1].decode(), headers=headers)
        if response.status_code != (200 if request is visit[-1] else 302):
            raise RuntimeError(f"{request!r} was answered with {response.status_code}")
        queries += len(captured)
        size += len(response.content)
    return {"queries": queries, "bytes": size}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
