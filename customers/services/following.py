"""What is written to a customer who has just been merged lands with the one they were merged into.

A trigger on each table whose rows are moved: it locks the customer named (as a foreign key does, and no more), so that
it waits for a merging that is under way, and then follows it. Tables come and go with the apps, so the triggers are
made after migrating, for whatever tables are there.
"""

from typing import Any

from django.db import connections

from customers.services.moving import Column, columns

_NAME = "zz_follow_merge"
_FOLLOW = """
CREATE OR REPLACE FUNCTION customers_survivor(named bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE further bigint;
BEGIN
    LOOP
        -- The lock of a foreign key: it waits for who merges, and for nobody who only changes a name.
        SELECT merged_into_id INTO further FROM customers_customer WHERE id = named FOR KEY SHARE;
        EXIT WHEN further IS NULL;
        named := further;
    END LOOP;
    RETURN named;
END $$
"""
_ROW = """
CREATE OR REPLACE FUNCTION customers_follow_{column}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.{column} IS NOT NULL THEN
        NEW.{column} := customers_survivor(NEW.{column});
    END IF;
    RETURN NEW;
END $$
"""
# Written by the thousand: a statement's rows are looked at together, and put right where it was too late.
_SET = """
CREATE OR REPLACE FUNCTION customers_follow_{column}_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE ids bigint[];
BEGIN
    -- In one look at all of them: it waits for who merges, and reads then what they left. As an array
    -- their numbers are looked up in order; for a join the whole table of customers is read each time.
    ids := ARRAY(SELECT DISTINCT {column} FROM new_rows);
    IF (
        SELECT count(merged_into_id) > 0 FROM (
            SELECT merged_into_id FROM customers_customer WHERE id = ANY(ids) ORDER BY id FOR KEY SHARE
        ) AS named
    ) THEN
        UPDATE {table} SET {column} = customers_survivor({column})
        WHERE {key} IN (
            SELECT new_rows.{key} FROM new_rows JOIN customers_customer AS customer ON customer.id = new_rows.{column}
            WHERE customer.merged_into_id IS NOT NULL
        );
    END IF;
    RETURN NULL;
END $$
"""
_TRIGGERS = "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE starts_with(tgname, %s)"


def ensure_following(*, using: str = "default") -> list[str]:
    """Make the triggers that are missing, for the tables that are there, and return their tables' names."""
    connection = connections[using]
    with connection.cursor() as cursor:
        there = _columns_there(cursor)
        if ("customers_customer", "merged_into_id") not in there:
            return []
        cursor.execute(_TRIGGERS, [_NAME])
        have = {(table.strip('"').rpartition(".")[2], name) for table, name in cursor.fetchall()}
        made = []
        for column in columns():
            table, name = column.model._meta.db_table, f"{_NAME}_{column.field.column}"
            if (table, column.field.column) not in there:
                continue
            _ensure_functions(cursor, column)
            if (table, name) in have:
                continue
            for statement in _triggers(column, name):
                cursor.execute(statement)
            made.append(table)
    return made


def _ensure_functions(cursor: Any, column: Column) -> None:
    """Make the functions of one column's triggers, and make those anew that were written otherwise."""
    own, table = column.field.column, column.model._meta.db_table
    names = {"table": table, "column": own, "key": column.model._meta.pk.column}
    wanted = {"customers_survivor": _FOLLOW, f"customers_follow_{own}": _ROW.format(**names)}
    if not column.is_checked_by_row:
        wanted[f"customers_follow_{own}_of_{table}"] = _SET.format(**names)
    cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE proname = ANY(%s)", [list(wanted)])
    have = dict(cursor.fetchall())
    for name, statement in wanted.items():
        if name not in have or have[name] not in statement:
            cursor.execute(statement)


def _columns_there(cursor: Any) -> set[tuple[str, str]]:
    cursor.execute("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'")
    return set(cursor.fetchall())


def _triggers(column: Column, name: str) -> list[str]:
    """Return what makes the triggers of one column. The name sorts last: other triggers have their say first."""
    table, own = column.model._meta.db_table, column.field.column
    by_row = f"FOR EACH ROW EXECUTE FUNCTION customers_follow_{own}()"
    if column.is_checked_by_row:
        return [f'CREATE OR REPLACE TRIGGER "{name}" BEFORE INSERT OR UPDATE OF "{own}" ON "{table}" {by_row}']
    return [
        f'CREATE OR REPLACE TRIGGER "{name}" AFTER INSERT ON "{table}" REFERENCING NEW TABLE AS new_rows '
        f"FOR EACH STATEMENT EXECUTE FUNCTION customers_follow_{own}_of_{table}()",
        f'CREATE OR REPLACE TRIGGER "{name}_again" BEFORE UPDATE OF "{own}" ON "{table}" {by_row}',
    ]
