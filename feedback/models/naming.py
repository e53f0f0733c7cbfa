"""What an invitation names is there, checked by the database for a set at a time.

Invitations are written by the thousand; a foreign key is checked row by row, and the three of them cost more than all
the rest. These triggers hold the same: an invitation names an interaction, that interaction's customer and a letter
that are there, and the rows named are locked so that they stay. The other side, that an interaction or a letter does
not go while an invitation names it, stands in a migration (`customers` knows nothing of invitations).
"""

import pgtrigger

_THERE = """
    ids := ARRAY(SELECT DISTINCT {table}_id FROM new_rows WHERE {table}_id IS NOT NULL);
    IF EXISTS (
        WITH kept AS (
            SELECT id, COALESCE(customer_id, 0) AS customer_id FROM customers_{table} WHERE id = ANY(ids) FOR KEY SHARE
        )
        SELECT FROM new_rows
        WHERE {table}_id IS NOT NULL AND ({table}_id, customer_id) NOT IN (SELECT id, customer_id FROM kept)
    ) THEN
        RAISE EXCEPTION 'an invitation names a {table} that is not there, or another customer''s'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'invitation_{table}_of_customer';
    END IF;
"""


def _names(operation: pgtrigger.Operation, name: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(new="new_rows"),
        declare=[("ids", "bigint[]")],
        func=_THERE.format(table="interaction") + _THERE.format(table="letter") + "RETURN NULL;",
    )


NAMES_WHAT_IS_THERE = (
    _names(pgtrigger.Insert, "invitation_names_what_is_there"),
    _names(pgtrigger.Update, "invitation_still_names_what_is_there"),
)
