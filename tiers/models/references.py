"""References of the tables that are written by the million, kept by the database a statement at a time.

A foreign key is checked row by row, at three to ten times the price of the row itself. These triggers check a
statement's rows together, and hold the same: nothing may name what is not there. The other side, that nothing may go
while it is named, stands in `KeptWhileNamed` and, for customers, in a migration (`customers` knows nothing of tiers).
Both sides are serialised by locks: on the customers' buckets, which whoever decides holds anyway, and on the few rows
of tiers and runs.
"""

from collections.abc import Sequence

import pgtrigger

# Customers are kept apart in buckets of so many numbers; the first key of the advisory locks on them.
BUCKET = 10_000
LOCKS = 7_283_001

_LOCK = f"""
    PERFORM pg_advisory_xact_lock({LOCKS}, bucket)
    FROM (SELECT DISTINCT (customer_id / {BUCKET})::int AS bucket FROM new_rows ORDER BY 1) AS buckets;
"""  # noqa: S608 (numbers of ours)
_CUSTOMER = """
    ids := ARRAY(SELECT DISTINCT customer_id FROM new_rows);
    IF (SELECT count(*) FROM customers_customer WHERE id = ANY(ids)) <> cardinality(ids) THEN
        RAISE EXCEPTION 'there is no such customer'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = '{name}_of_a_customer';
    END IF;
"""
_OTHER = """
    IF EXISTS (
        WITH kept AS (
            SELECT id FROM {table} WHERE id IN (SELECT DISTINCT {column} FROM new_rows) FOR KEY SHARE
        )
        SELECT FROM (SELECT DISTINCT {column} AS id FROM new_rows WHERE {column} IS NOT NULL) AS named
        WHERE id NOT IN (SELECT id FROM kept)
    ) THEN
        RAISE EXCEPTION '{column} names what is not there'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = '{name}_{column}_there';
    END IF;
"""


def still_names_what_is_there(name: str, others: Sequence[tuple[str, str]]) -> pgtrigger.Trigger:
    """Return a trigger on updates: what these columns name from now on exists."""
    return pgtrigger.Trigger(
        name=f"{name}_still_names_what_is_there",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        referencing=pgtrigger.Referencing(new="new_rows"),
        func="".join(_OTHER.format(name=name, column=c, table=t) for c, t in others) + "RETURN NULL;",
    )


def names_what_is_there(name: str, others: Sequence[tuple[str, str]] = (), more: str = "") -> pgtrigger.Trigger:
    """Return a trigger on inserts: each row's customer exists, and so does what the other columns name.

    `others`: pairs of a column and the table that it names. `more`: further checks, on the transition table
    `new_rows` and the array `ids` of its customers.
    """
    checks = [_CUSTOMER.format(name=name), *(_OTHER.format(name=name, column=c, table=t) for c, t in others)]
    return pgtrigger.Trigger(
        name=f"{name}_names_what_is_there",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        declare=[("ids", "bigint[]")],
        func=_LOCK + "".join(checks) + more + "RETURN NULL;",
    )


def kept_while_named(name: str, by: Sequence[tuple[str, str]]) -> pgtrigger.Trigger:
    """Return a trigger on deletes: a row stays while a row of another table names it; `by`: tables and columns."""
    named = " OR ".join(f"EXISTS (SELECT FROM {table} WHERE {column} = OLD.id)" for table, column in by)
    return pgtrigger.Trigger(
        name=f"{name}_kept_while_named",
        when=pgtrigger.After,
        operation=pgtrigger.Delete,
        func=f"""
            IF {named} THEN
                RAISE EXCEPTION 'it is still named by standings or moves'
                    USING ERRCODE = 'foreign_key_violation', CONSTRAINT = '{name}_kept_while_named';
            END IF;
            RETURN NULL;
        """,
    )


def never_changes(name: str, *fields: str) -> pgtrigger.Protect:
    """Return a trigger on updates: what a row is about stays."""
    return pgtrigger.Protect(
        name=f"{name}_stays_whose_it_is", operation=pgtrigger.Update, condition=pgtrigger.AnyChange(*fields)
    )
