# The same checks, in two looks at the rows.

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('tiers', '0001_squashed_0010_channels'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='measures',
            name='measures_names_what_is_there',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='move',
            name='move_names_what_is_there',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='standing',
            name='standing_names_what_is_there',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='standing',
            name='standing_still_names_what_is_there',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='measures',
            trigger=pgtrigger.compiler.Trigger(name='measures_names_what_is_there', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE ids bigint[]; buckets int[];', func="\n    SELECT array_agg(customer_id), array_agg(DISTINCT (customer_id / 10000)::int) INTO ids, buckets FROM new_rows;\n    PERFORM pg_advisory_xact_lock(7283001, bucket) FROM unnest(buckets) AS bucket;\n\n    IF (SELECT count(*) FROM customers_customer WHERE id = ANY((SELECT ids)::bigint[]))\n       <> (SELECT count(DISTINCT named) FROM unnest(ids) AS named) THEN\n        RAISE EXCEPTION 'there is no such customer'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'measures_of_a_customer';\n    END IF;\nRETURN NULL;", hash='56846479c66170d5261a2ea0a7a07f0038985201', level='STATEMENT', operation='INSERT', pgid='pgtrigger_measures_names_what_is_there_7a017', referencing='REFERENCING NEW TABLE AS new_rows ', table='tiers_measures', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='move',
            trigger=pgtrigger.compiler.Trigger(name='move_names_what_is_there', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE ids bigint[]; buckets int[]; run_ids bigint[]; from_tier_ids bigint[]; to_tier_ids bigint[];', func="\n    SELECT array_agg(customer_id), array_agg(DISTINCT (customer_id / 10000)::int) INTO ids, buckets FROM new_rows;\n    PERFORM pg_advisory_xact_lock(7283001, bucket) FROM unnest(buckets) AS bucket;\n\n    IF (SELECT count(*) FROM customers_customer WHERE id = ANY((SELECT ids)::bigint[]))\n       <> (SELECT count(DISTINCT named) FROM unnest(ids) AS named) THEN\n        RAISE EXCEPTION 'there is no such customer'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'move_of_a_customer';\n    END IF;\n\n    SELECT array_agg(DISTINCT run_id), array_agg(DISTINCT from_tier_id), array_agg(DISTINCT to_tier_id) INTO run_ids, from_tier_ids, to_tier_ids FROM (SELECT DISTINCT run_id, from_tier_id, to_tier_id FROM new_rows) AS named;\n\n    IF EXISTS (\n        WITH kept AS (SELECT id FROM tiers_run WHERE id = ANY(run_ids) FOR KEY SHARE)\n        SELECT FROM unnest(run_ids) AS named WHERE named IS NOT NULL AND named NOT IN (SELECT id FROM kept)\n    ) THEN\n        RAISE EXCEPTION 'run_id names what is not there'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'move_run_id_there';\n    END IF;\n\n    IF EXISTS (\n        WITH kept AS (SELECT id FROM tiers_tier WHERE id = ANY(from_tier_ids) FOR KEY SHARE)\n        SELECT FROM unnest(from_tier_ids) AS named WHERE named IS NOT NULL AND named NOT IN (SELECT id FROM kept)\n    ) THEN\n        RAISE EXCEPTION 'from_tier_id names what is not there'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'move_from_tier_id_there';\n    END IF;\n\n    IF EXISTS (\n        WITH kept AS (SELECT id FROM tiers_tier WHERE id = ANY(to_tier_ids) FOR KEY SHARE)\n        SELECT FROM unnest(to_tier_ids) AS named WHERE named IS NOT NULL AND named NOT IN (SELECT id FROM kept)\n    ) THEN\n        RAISE EXCEPTION 'to_tier_id names what is not there'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'move_to_tier_id_there';\n    END IF;\nRETURN NULL;", hash='537ac7e1bd64713ae5e98c412391dacec4d9ec0b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_move_names_what_is_there_4823b', referencing='REFERENCING NEW TABLE AS new_rows ', table='tiers_move', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='standing',
            trigger=pgtrigger.compiler.Trigger(name='standing_names_what_is_there', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE ids bigint[]; buckets int[]; tier_ids bigint[]; earned_tier_ids bigint[];', func="\n    SELECT array_agg(customer_id), array_agg(DISTINCT (customer_id / 10000)::int) INTO ids, buckets FROM new_rows;\n    PERFORM pg_advisory_xact_lock(7283001, bucket) FROM unnest(buckets) AS bucket;\n\n    IF (SELECT count(*) FROM customers_customer WHERE id = ANY((SELECT ids)::bigint[]))\n       <> (SELECT count(DISTINCT named) FROM unnest(ids) AS named) THEN\n        RAISE EXCEPTION 'there is no such customer'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'standing_of_a_customer';\n    END IF;\n\n    SELECT array_agg(DISTINCT tier_id), array_agg(DISTINCT earned_tier_id) INTO tier_ids, earned_tier_ids FROM (SELECT DISTINCT tier_id, earned_tier_id FROM new_rows) AS named;\n\n    IF EXISTS (\n        WITH kept AS (SELECT id FROM tiers_tier WHERE id = ANY(tier_ids) FOR KEY SHARE)\n        SELECT FROM unnest(tier_ids) AS named WHERE named IS NOT NULL AND named NOT IN (SELECT id FROM kept)\n    ) THEN\n        RAISE EXCEPTION 'tier_id names what is not there'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'standing_tier_id_there';\n    END IF;\n\n    IF EXISTS (\n        WITH kept AS (SELECT id FROM tiers_tier WHERE id = ANY(earned_tier_ids) FOR KEY SHARE)\n        SELECT FROM unnest(earned_tier_ids) AS named WHERE named IS NOT NULL AND named NOT IN (SELECT id FROM kept)\n    ) THEN\n        RAISE EXCEPTION 'earned_tier_id names what is not there'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'standing_earned_tier_id_there';\n    END IF;\n\n                    -- OFFSET 0 keeps the search one probe of an index for each row, whatever size the table had when\n                    -- it was planned. Most who come have no past: they are asked about together.\n                    IF EXISTS (\n                        SELECT FROM tiers_standing\n                        WHERE customer_id = ANY((SELECT ids)::bigint[]) AND valid_until IS NOT NULL\n                    ) AND EXISTS (\n                        SELECT FROM new_rows AS fresh\n                        WHERE fresh.valid_until IS NULL AND EXISTS (\n                            SELECT FROM tiers_standing AS past\n                            WHERE past.customer_id = fresh.customer_id AND past.valid_until IS NOT NULL\n                              AND past.valid_until > fresh.valid_from OFFSET 0\n                        ) OR fresh.valid_until IS NOT NULL AND EXISTS (\n                            SELECT FROM tiers_standing AS present\n                            WHERE present.customer_id = fresh.customer_id AND present.valid_until IS NULL\n                              AND present.valid_from < fresh.valid_until OFFSET 0\n                        )\n                    ) THEN\n                        RAISE EXCEPTION 'the present standing begins before the past ones have ended'\n                            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'standing_present_after_past';\n                    END IF;\n                RETURN NULL;", hash='b385d7c131ce4d0e2526247f8e15e5d1513eeb19', level='STATEMENT', operation='INSERT', pgid='pgtrigger_standing_names_what_is_there_c3087', referencing='REFERENCING NEW TABLE AS new_rows ', table='tiers_standing', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='standing',
            trigger=pgtrigger.compiler.Trigger(name='standing_still_names_what_is_there', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE earned_tier_ids bigint[];', func="\n    SELECT array_agg(DISTINCT earned_tier_id) INTO earned_tier_ids FROM (SELECT DISTINCT earned_tier_id FROM new_rows) AS named;\n\n    IF EXISTS (\n        WITH kept AS (SELECT id FROM tiers_tier WHERE id = ANY(earned_tier_ids) FOR KEY SHARE)\n        SELECT FROM unnest(earned_tier_ids) AS named WHERE named IS NOT NULL AND named NOT IN (SELECT id FROM kept)\n    ) THEN\n        RAISE EXCEPTION 'earned_tier_id names what is not there'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'standing_earned_tier_id_there';\n    END IF;\nRETURN NULL;", hash='be67fb05a598c6595a9d7f1dbcb5541a6cb29fda', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_standing_still_names_what_is_there_5b2ff', referencing='REFERENCING NEW TABLE AS new_rows ', table='tiers_standing', when='AFTER')),
        ),
    ]
