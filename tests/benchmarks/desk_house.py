"""A house of so many customers with ten rows each, loaded by COPY from the server into itself.

Everybody has two contact points, three orders, two contacts, an incident, a preference and a promise, and the words of
their name besides. Names are put together from syllables, so that beginnings of names are as common as they are in a
telephone book; numbers and addresses are each customer's own.
"""

import psycopg

# A syllable each by the customer's number: 24 × 16 × 12 family names, 24 × 16 given names.
_NAMES = """
    SELECT id,
           initcap(heads[1 + h1 % 24] || tails[1 + (h1 / 24) % 16]) AS given,
           initcap(heads[1 + h2 % 24] || middles[1 + (h2 / 24) % 12] || tails[1 + (h2 / 288) % 16]) AS family
    FROM (SELECT id, abs(hashint8extended(id, 1)) AS h1, abs(hashint8extended(id, 2)) AS h2
          FROM generate_series(1::bigint, {customers}) AS id) AS numbered,
         (SELECT
                 string_to_array('ba be bo da do el fa ga ha jo ka la le ma mi na no pa ra ro sa ta va wi', ' '
                 ) AS heads,
                 string_to_array('nd rl st lm rt nn ck ss ld rm nt sk', ' ') AS middles,
                 string_to_array('a an as el en er ert ia in is o on or us win y', ' ') AS tails) AS syllables
"""

_CUSTOMERS = (
    "customers_customer (id, public_id, source, external_id, full_name, given_name, family_name, known_as, say_as, "
    "pronouns, language, country, city, time_zone, customer_since, created_at)",
    """SELECT id, gen_random_uuid(), 'bench', 'B' || id, given || ' ' || family, given, family, '', '', '', 'en', 'GB',
              'Leeds', 'Europe/London', date '2020-01-01' + (id % 1500)::int, now() - interval '900 days'
       FROM ({names}) AS named""",
)
_WORDS = (
    "customers_nameword (customer_id, word)",
    """SELECT id, word FROM ({names}) AS named, LATERAL (VALUES (lower(given)), (lower(family))) AS words (word)
       GROUP BY id, word ORDER BY id""",
)
_POINTS = (
    "customers_contactpoint (customer_id, kind, value, normalised, label, is_preferred, is_active, created_at)",
    """SELECT id, kind, value, value, '', kind = 'phone', true, now() - interval '900 days'
       FROM generate_series(1::bigint, {customers}) AS id,
            LATERAL (VALUES ('phone', '+44207' || lpad(id::text, 7, '0')),
                            ('email', 'regular' || id || '@mail.example')) AS points (kind, value)""",
)
_ORDERS = (
    "customers_order (customer_id, source, external_id, kind, placed_at, amount, margin, is_margin_estimated, "
    "currency_id, house_amount, house_margin, is_our_fault, description, recorded_at)",
    """SELECT id, 'bench', id || '/' || n, 'purchase', now() - interval '1 hour' * (n * 3000 + id % 2900), 100, margin,
              false, 'GBP', 100, margin, false, 'Teapot', now()
       FROM generate_series(1::bigint, {customers}) AS id, generate_series(0, 2) AS n,
            LATERAL (SELECT (1 + abs(hashint8extended(id * 1000 + n, 3)) % 9999) / 100.0 AS margin) AS worth""",
)
_INTERACTIONS = (
    "customers_interaction (public_id, customer_id, source, channel, touch_point_id, agent_id, subject, note, "
    "opened_at, closed_at, closed_itself)",
    """SELECT gen_random_uuid(), id, 'bench', 'phone', {place}, {agent}, 'Where is my order?',
              'Said that it is on its way.',
              now() - interval '1 hour' * (n * 2000 + id % 1900 + 2),
              now() - interval '1 hour' * (n * 2000 + id % 1900 + 1),
              false
       FROM generate_series(1::bigint, {customers}) AS id, generate_series(0, 1) AS n""",
)
_INCIDENTS = (
    "customers_incident (customer_id, kind, touch_point_id, severity, text, is_our_fault, happened_at, resolved_at, "
    "resolution)",
    """SELECT id, 'late', {place}, 1 + id % 3, 'The parcel came a week late.', true,
              now() - interval '1 hour' * (id % 3000 + 2),
              CASE WHEN id % 2 = 0 THEN now() - interval '1 hour' END, ''
       FROM generate_series(1::bigint, {customers}) AS id""",
)
_PREFERENCES = (
    "customers_preference (customer_id, text, provenance, is_ask_first, noted_at)",
    """SELECT id, 'Tea, no sugar', 'stated', false, now() - interval '30 days'
       FROM generate_series(1::bigint, {customers}) AS id""",
)
_PROMISES = (
    "customers_promise (customer_id, text, due_at, touch_point_id, owner_id, made_at, kept_at)",
    """SELECT id, 'Ring back about the parcel', now() + interval '1 hour' * (id % 400 - 100), {place}, {agent},
              now() - interval '20 days', CASE WHEN id % 2 = 0 THEN now() END
       FROM generate_series(1::bigint, {customers}) AS id""",
)
_LOADS = (_CUSTOMERS, _WORDS, _POINTS, _ORDERS, _INTERACTIONS, _INCIDENTS, _PREFERENCES, _PROMISES)


def load_house(url: str, *, customers: int, agent: int, place: int) -> None:
    """Load the house into an empty one that has its tables, an agent and a touch point."""
    names = _NAMES.format(customers=customers)
    with psycopg.connect(url, autocommit=True) as source, psycopg.connect(url) as target:
        target.execute("SET synchronous_commit = off")
        # Triggers note every row for later reckoning; what follows looks at everybody anyway.
        target.execute("SET session_replication_role = replica")
        for where, what in _LOADS:
            query = what.format(customers=customers, names=names, agent=agent, place=place)
            with (
                source.cursor().copy(f"COPY ({query}) TO STDOUT") as rows,
                target.cursor().copy(f"COPY {where} FROM STDIN") as into,
            ):
                for row in rows:
                    into.write(row)
            target.commit()
        target.execute("SELECT setval(pg_get_serial_sequence('customers_customer', 'id'), %s)", [customers])
        target.commit()
        source.execute("VACUUM ANALYZE")
