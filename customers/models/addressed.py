"""That the customer of a letter is there, checked by the database for a set of letters at a time.

Letters are queued by the thousand; a foreign key is checked row by row, at more than the price of the row. These
triggers hold the same: the customers named are there and are locked so that they stay, and a customer to whom letters
were written does not go.
"""

import pgtrigger

_REFUSE = """
        RAISE EXCEPTION '{what}' USING ERRCODE = 'foreign_key_violation', CONSTRAINT = '{name}';
"""

LETTERS_NAME_CUSTOMERS = (
    pgtrigger.Trigger(
        name="letter_names_customers",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        declare=[("ids", "bigint[]")],
        func=f"""
            ids := ARRAY(SELECT DISTINCT customer_id FROM new_rows WHERE customer_id IS NOT NULL);
            IF EXISTS (
                WITH kept AS (SELECT id FROM customers_customer WHERE id = ANY(ids) FOR KEY SHARE)
                SELECT FROM unnest(ids) AS named (id) WHERE id NOT IN (SELECT id FROM kept)
            ) THEN {_REFUSE.format(what="there is no such customer", name="letter_of_a_customer")}
            END IF;
            RETURN NULL;
        """,  # noqa: S608 (words of ours)
    ),
    pgtrigger.Trigger(
        name="letter_still_names_a_customer",
        when=pgtrigger.After,
        operation=pgtrigger.UpdateOf("customer_id"),
        condition=pgtrigger.Condition("NEW.customer_id IS NOT NULL"),
        func=f"""
            PERFORM FROM customers_customer WHERE id = NEW.customer_id FOR KEY SHARE;
            IF NOT FOUND THEN {_REFUSE.format(what="there is no such customer", name="letter_of_a_customer")}
            END IF;
            RETURN NULL;
        """,
    ),
)
CUSTOMER_STAYS_FOR_LETTERS = pgtrigger.Trigger(
    name="customer_stays_for_letters",
    when=pgtrigger.After,
    # As with a foreign key, the end of the transaction counts.
    timing=pgtrigger.Deferred,
    operation=pgtrigger.Delete | pgtrigger.UpdateOf("id"),
    func=f"""
        IF EXISTS (SELECT FROM customers_letter WHERE customer_id = OLD.id)
           AND NOT EXISTS (SELECT FROM customers_customer WHERE id = OLD.id) THEN
            {_REFUSE.format(what="letters were written to this customer", name="customer_stays_for_letters")}
        END IF;
        RETURN NULL;
    """,  # noqa: S608 (words of ours)
)
