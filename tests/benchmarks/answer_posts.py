"""Posts: how many answers a second the page takes, beside a bare Django view that does one `INSERT … ON CONFLICT`.

All are served by granian in the manner of the demo, from one PostgreSQL that writes to the disk, through Django's own
pool. The yardstick `bare` stands behind the house's own middleware, as any view of this site would; `naked` is the same
view with no middleware at all, for comparison. Every answer is the first of its own invitation, whose page was opened
before by the same visitor. They take turns, so that a busy moment of the machine hits all; the medians count.
"""

import random
import statistics
import sys
from datetime import timedelta
from typing import Any

from tests.benchmarks import serving

# The page's rate as a part of the bare view's.
BAR = 0.4
AGENT = "Benchmark"
# Of a hundred answers, as customers give them; each "no" opens a recovery.
MIX = {"yes": 80, "partly": 12, "no": 8}
_ONLY_YES = {"yes": 100}
_TABLE = "CREATE TABLE bench_vote (invitation text PRIMARY KEY, enjoyed text NOT NULL)"


def measure_posts(*, posts: int, rounds: int, connections: int) -> dict[str, Any]:
    """Return rates per second and their ratios; `missed` names those that are below their bar."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_TABLE)
    rates: dict[str, list[float]] = {"bare": [], "naked": [], "answer": [], "answer, all yes": []}
    with (
        serving.granian("tests.benchmarks.bare:application", settings="tests.benchmarks.bare_settings") as bare,
        serving.granian("tests.benchmarks.bare:application", settings="tests.benchmarks.naked_settings") as naked,
        serving.granian("portal.wsgi:application") as us,
    ):
        for number in range(rounds + 1):
            turns = {
                "bare": (bare, _votes(f"bare-{number}", posts)),
                "answer": (us, answer_requests(posts, MIX)),
                "naked": (naked, _votes(f"naked-{number}", posts)),
                "answer, all yes": (us, answer_requests(posts, _ONLY_YES)),
            }
            with connection.cursor() as cursor:
                # As autovacuum does in a house that has been open for a while.
                cursor.execute("VACUUM ANALYZE")
                cursor.execute("CHECKPOINT")
            for name, (port, requests) in turns.items():
                rate = serving.send_all(port, requests, connections=connections, status=303)
                print(f"{name}: {rate:.0f} a second", file=sys.stderr, flush=True)
                # The first round warms up.
                rates[name] += [rate] if number else []
    _check(posts * (rounds + 1) * 2)
    medians = {name: statistics.median(found) for name, found in rates.items()}
    ratios = {name: round(rate / medians["bare"], 3) for name, rate in medians.items() if name != "bare"}
    ratios["answer to naked"] = round(medians["answer"] / medians["naked"], 3)
    return {
        "posts": posts,
        "connections": connections,
        "per_second": {name: [round(rate) for rate in found] for name, found in rates.items()},
        "ratios": ratios,
        "bar": BAR,
        "missed": ["posts"] if ratios["answer"] < BAR else [],
    }


def _votes(prefix: str, count: int) -> list[bytes]:
    return [serving.post_request(f"/vote/{prefix}-{n}/", "enjoyed=yes&confirm=yes") for n in range(count)]


def answer_requests(count: int, mix: dict[str, int]) -> list[bytes]:
    """Make so many invitations whose page was opened, and return the presses that answer them."""
    from django.conf import settings
    from django.db.models.functions import Now

    from feedback.evidence import fingerprint_of
    from feedback.models import Visit

    chance = random.Random(count)
    answers = chance.choices(list(mix), weights=list(mix.values()), k=count)
    links = make_links(count)
    Visit.objects.bulk_create(
        [
            Visit(
                link=link,
                method="GET",
                hint=enjoyed,
                visited_at=Now() - timedelta(minutes=1),
                fingerprint=fingerprint_of(
                    key=settings.SECRET_KEY.encode(),
                    agent=AGENT,
                    address="127.0.0.1",
                    invitation_id=link.invitation_id,
                ),
            )
            for (link, _), enjoyed in zip(links, answers, strict=True)
        ],
        batch_size=2000,
    )
    return [
        serving.post_request(f"/feedback/{token}/", f"enjoyed={enjoyed}&confirm=yes", agent=AGENT)
        for (_, token), enjoyed in zip(links, answers, strict=True)
    ]


def make_links(count: int) -> list[tuple[Any, str]]:
    """Make customers, each with a closed contact, a letter that left an hour ago, and a link; return links, tokens."""
    from django.db.models.functions import Now
    from django.utils import timezone

    from customers.models import Customer, Interaction, Letter, TouchPoint
    from customers.tokens import hash_of, mint
    from feedback.models import Invitation, Link

    ago = timezone.now() - timedelta(hours=1)
    many: dict[str, Any] = {"batch_size": 2000}
    touch_point = TouchPoint.objects.get_or_create(slug="bench", defaults={"name": "Bench"})[0]
    people = Customer.objects.bulk_create([Customer(full_name=f"Customer {n}") for n in range(count)], **many)
    talks = Interaction.objects.bulk_create(
        [
            Interaction(customer=one, channel="phone", touch_point=touch_point, opened_at=ago, closed_at=ago)
            for one in people
        ],
        **many,
    )
    letters = Letter.objects.bulk_create(
        [
            Letter(
                customer_id=talk.customer_id,
                kind="bench",
                subject_key=str(talk.pk),
                to_address=f"customer{talk.pk}@mail.example",
                subject="How was it?",
                text="How was it?",
                state="sent",
                sent_at=ago,
            )
            for talk in talks
        ],
        **many,
    )
    invitations = Invitation.objects.bulk_create(
        [
            Invitation(interaction=talk, customer_id=talk.customer_id, letter=letter)
            for talk, letter in zip(talks, letters, strict=True)
        ],
        **many,
    )
    tokens = [mint() for _ in invitations]
    links = Link.objects.bulk_create(
        [
            Link(
                invitation=invitation,
                purpose="answer",
                token_hash=hash_of(token),
                minted_at=ago,
                expires_at=Now() + timedelta(days=30),
            )
            for invitation, token in zip(invitations, tokens, strict=True)
        ],
        **many,
    )
    return list(zip(links, tokens, strict=True))


def _check(answers: int) -> None:
    """Look whether every press has become an answer that counts: speed that loses something is none.

    Raises:
        RuntimeError: they are not all there.
    """
    from feedback.models import Answer

    counted = Answer.objects.filter(is_counted=True).count()
    if counted != answers:
        raise RuntimeError(f"{counted} answers count, {answers} were given.")
