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

# A statement's rows may be many, so they are read twice and not once for each check: for whose they are, and for the
# few rows of other tables that they name.
_WHOSE = f"""
    SELECT array_agg(customer_id), min(customer_id) / {BUCKET}, max(customer_id) / {BUCKET} INTO ids, lowest, highest
    FROM new_rows;
    -- A shard of a full run is one bucket: only others are sorted to find theirs.
    IF lowest < highest THEN
        buckets := ARRAY(SELECT DISTINCT (named / {BUCKET})::int AS bucket FROM unnest(ids) AS named ORDER BY bucket);
    ELSE
        buckets := ARRAY[lowest];
    END IF;
    PERFORM pg_advisory_xact_lock({LOCKS}, bucket) FROM unnest(buckets) AS bucket;
"""  # noqa: S608 (numbers of ours)
# The array comes out of a query of its own, so that the planner does not weigh each of its items. Customers that are
# named twice are told apart only where fewer are found than were named.
_CUSTOMER = """
    found := (SELECT count(*) FROM customers_customer WHERE id = ANY((SELECT ids)::bigint[]));
    IF found <> cardinality(ids) AND found <> (SELECT count(DISTINCT named) FROM unnest(ids) AS named) THEN
        RAISE EXCEPTION 'there is no such customer'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = '{name}_of_a_customer';
    END IF;
"""
_NAMED = """
    SELECT {arrays} INTO {variables} FROM (SELECT DISTINCT {columns} FROM new_rows) AS named;
"""
_OTHER = """
    IF EXISTS (
        WITH kept AS (SELECT id FROM {table} WHERE id = ANY({column}s) FOR KEY SHARE)
        SELECT FROM unnest({column}s) AS named WHERE named IS NOT NULL AND named NOT IN (SELECT id FROM kept)
    ) THEN
        RAISE EXCEPTION '{column} names what is not there'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = '{name}_{column}_there';
    END IF;
"""


def _others(name: str, others: Sequence[tuple[str, str]]) -> tuple[list[tuple[str, str]], str]:
    """Return the variables that the checks of what other columns name want, and the checks."""
    if not others:
        return [], ""
    columns = [column for column, _ in others]
    named = _NAMED.format(
        arrays=", ".join(f"array_agg(DISTINCT {column})" for column in columns),
        variables=", ".join(f"{column}s" for column in columns),
        columns=", ".join(columns),
    )
    checks = [_OTHER.format(name=name, column=column, table=table) for column, table in others]
    return [(f"{column}s", "bigint[]") for column in columns], named + "".join(checks)


def still_names_what_is_there(name: str, others: Sequence[tuple[str, str]]) -> pgtrigger.Trigger:
    """Return a trigger on updates: what these columns name from now on exists."""
    declared, checks = _others(name, others)
    return pgtrigger.Trigger(
        name=f"{name}_still_names_what_is_there",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        referencing=pgtrigger.Referencing(new="new_rows"),
        declare=declared,
        func=checks + "RETURN NULL;",
    )


def names_what_is_there(name: str, others: Sequence[tuple[str, str]] = (), more: str = "") -> pgtrigger.Trigger:
    """Return a trigger on inserts: each row's customer exists, and so does what the other columns name.

    `others`: pairs of a column and the table that it names. `more`: further checks, on the transition table
    `new_rows` and the array `ids` of its customers.
    """
    declared, checks = _others(name, others)
    return pgtrigger.Trigger(
        name=f"{name}_names_what_is_there",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        declare=[
            ("ids", "bigint[]"),
            *(("lowest", "int"), ("highest", "int"), ("buckets", "int[]")),
            ("found", "bigint"),
            *declared,
        ],
        func=_WHOSE + _CUSTOMER.format(name=name) + checks + more + "RETURN NULL;",
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
