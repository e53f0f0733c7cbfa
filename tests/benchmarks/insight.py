"""How long what we hear takes to tell: milliseconds a page, without a bar.

    uv run python -m tests.benchmarks.insight --answers 100000

It makes a database of its own, in which so many answers came to two and a half times as many letters in two years (50
colleagues, 12 touch points, 4 tiers, a segment for every second customer, a comment with every third answer), and asks
for each page five times. It prints the medians as JSON. Nothing else should run meanwhile.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

_FILL = """
    SET session_replication_role = replica;
    INSERT INTO customers_customer (public_id, source, full_name, given_name, family_name, known_as, say_as, pronouns,
                                    language, country, city, time_zone)
    SELECT gen_random_uuid(), 'bench', 'Customer ' || n, '', '', '', '', '', 'en', '', '', 'UTC'
    FROM generate_series(1, {letters} / 5) AS n;
    INSERT INTO customers_touchpoint (slug, name, runner, is_active)
    SELECT 'bench-' || n, 'Place ' || n, 'in_house', true FROM generate_series(1, 12) AS n;
    INSERT INTO portal_user (password, email, display_name, role, has_keys, is_active)
    SELECT '', 'colleague' || n || '@house.example', 'Colleague ' || n, 'agent', true, true
    FROM generate_series(1, 50) AS n;
    INSERT INTO customers_segment (slug, name, kind, is_active) VALUES ('bench', 'Bench', 'behavioural', true);
    INSERT INTO customers_segmentmember (customer_id, segment_id, source)
    SELECT id, (SELECT id FROM customers_segment), 'bench' FROM customers_customer WHERE id % 2 = 0;
    INSERT INTO tiers_standing (customer_id, tier_id, earned_tier_id, reason, valid_from)
    SELECT customer.id, tier.id, tier.id, 'first', now() - INTERVAL '3 years'
    FROM customers_customer AS customer JOIN tiers_tier AS tier ON tier.rank = 1 + customer.id % 4;
    WITH people AS (SELECT array_agg(id) AS ids FROM portal_user), places AS (
        SELECT array_agg(id) AS ids FROM customers_touchpoint), known AS (
        SELECT array_agg(id) AS ids FROM customers_customer)
    INSERT INTO customers_interaction (public_id, customer_id, source, channel, touch_point_id, agent_id, subject, note,
                                       opened_at, closed_at)
    SELECT gen_random_uuid(), known.ids[1 + n % cardinality(known.ids)], 'bench',
           (ARRAY['phone', 'chat', 'email', 'visit'])[1 + (hashint4(n) & 3)],
           places.ids[1 + abs(hashint4(n + 1)) % cardinality(places.ids)],
           people.ids[1 + abs(hashint4(n + 2)) % cardinality(people.ids)], '', '', at, at
    FROM generate_series(1, {letters}) AS n, people, places, known,
         LATERAL (SELECT now() - n * INTERVAL '2 years' / {letters} AS at) AS times;
    INSERT INTO customers_letter (public_id, customer_id, kind, subject_key, to_address, language, subject, text, html,
                                  headers, state, attempts, message_id, reply, sent_at)
    SELECT gen_random_uuid(), customer_id, 'feedback.invitation', id::text, 'hidden@mail.example', 'en', 'How was it?',
           repeat('How was it? ', 100), '', '{{}}', 'sent', 1, '<' || id || '@bench>', '', opened_at
    FROM customers_interaction;
    INSERT INTO feedback_invitation (interaction_id, customer_id, letter_id, not_asked, created_at)
    SELECT interaction.id, interaction.customer_id, letter.id, '', interaction.opened_at
    FROM customers_interaction AS interaction JOIN customers_letter AS letter
      ON letter.subject_key = interaction.id::text;
    INSERT INTO feedback_answer (invitation_id, enjoyed, comment, doubts, is_counted, answered_at)
    SELECT id, (ARRAY['yes', 'yes', 'yes', 'no', 'partly'])[1 + abs(hashint8(id)) % 5],
           CASE WHEN id % 3 = 0 THEN 'The parcel number ' || id || ' came late but they were lovely' ELSE '' END,
           CASE WHEN id % 50 = 0 THEN ARRAY['too_soon'] ELSE ARRAY[]::varchar[] END, id % 50 <> 0,
           created_at + INTERVAL '1 hour'
    FROM feedback_invitation WHERE id % 5 < 2;
    INSERT INTO customers_incident (customer_id, kind, touch_point_id, severity, text, is_our_fault, happened_at,
                                    resolved_at, resolution)
    SELECT id, 'late', (SELECT min(id) FROM customers_touchpoint), 2, 'Late', id % 3 > 0, at,
           CASE WHEN id % 9 > 0 THEN at + INTERVAL '20 days' END, ''
    FROM customers_customer, LATERAL (SELECT now() - id % 700 * INTERVAL '1 day' AS at) AS times WHERE id % 5 = 0;
    SET session_replication_role = DEFAULT;
"""
_PAGES = {
    "rates": "/insight/?since={since}",
    "rates of a year": "/insight/",
    "rates of a colleague": "/insight/?since={since}&agent={agent}",
    "answers": "/insight/answers/?since={since}",
    "answers of a colleague": "/insight/answers/?since={since}&agent={agent}&said=no",
    "comments": "/insight/comments/?since={since}",
    "comments by a seldom word": "/insight/comments/?since={since}&q=30000",
    "comments by a common word": "/insight/comments/?since={since}&q=lovely",
    "comments by letters": "/insight/comments/?since={since}&q=vely",
}


def main() -> None:
    """Make the house, ask for each page, print how long it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=100_000)
    options = parser.parse_args()
    from portal.embedded.postgres import Postgres

    state = Path(tempfile.mkdtemp(prefix="regulars-bench-"))
    server = Postgres(state, durable=False)
    try:
        os.environ |= {"DATABASE_URL": server.start(), "DJANGO_SETTINGS_MODULE": "portal.settings"}
        os.environ.setdefault("SECRET_KEY", "for benchmarks alone")
        print(json.dumps(_measure(options.answers), indent=2))
    finally:
        server.stop()
        shutil.rmtree(state, ignore_errors=True)


def _measure(answers: int) -> dict[str, object]:
    import django

    django.setup()
    from datetime import timedelta

    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.utils import timezone

    from portal.models import User
    from portal.roles import Role

    call_command("migrate", verbosity=0)
    print("making the house", file=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute(_FILL.format(letters=answers * 5 // 2))
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(User.objects.create_user(email="m@house.example", password=None, role=Role.MANAGER))
    words = {"since": timezone.localdate() - timedelta(days=729), "agent": User.objects.filter(role=Role.AGENT)[7].pk}
    found = {}
    for name, address in _PAGES.items():
        times = []
        for _turn in range(6):
            began = time.perf_counter()
            response = client.get(address.format(**words))
            times.append((time.perf_counter() - began) * 1000)
            assert response.status_code == 200, (name, response.status_code)
        found[name] = round(statistics.median(times[1:]), 1)
    return {"answers": answers, "letters": answers * 5 // 2, "milliseconds": found}


if __name__ == "__main__":
    main()
