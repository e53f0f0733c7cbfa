"""What 0001 to 0010 come to, at once, for a house that begins.

A house that has them keeps them, and has nothing to do. What they did to rows of before has no place here.
"""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

from customers.tables import CreateModels


class Migration(migrations.Migration):

    replaces = [('tiers', '0001_initial'), ('tiers', '0002_measures_and_overrides'), ('tiers', '0003_predicted_value'), ('tiers', '0004_run_knows_its_fit'), ('tiers', '0005_previews'), ('tiers', '0006_preview_knows_its_fit'), ('tiers', '0007_runs_to_tell'), ('tiers', '0008_perk_uses'), ('tiers', '0009_merged_standings'), ('tiers', '0010_channels')]

    initial = True

    dependencies = [
        ('customers', '0012_duplicates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name='Measures',
                    fields=[
                        ('customer', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='measures', serialize=False, to='customers.customer')),
                        ('margin', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='margin in 12 months')),
                        ('orders', models.PositiveIntegerField(verbose_name='orders in 12 months')),
                        ('last_order_on', models.DateField(blank=True, null=True, verbose_name='last order')),
                        ('as_of', models.DateField(verbose_name='as of')),
                        ('advocacy', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='advocacy')),
                        ('cost_to_serve', models.DecimalField(db_default=0, decimal_places=2, max_digits=14, verbose_name='cost to serve in 12 months')),
                        ('engagement', models.PositiveIntegerField(db_default=0, verbose_name='contacts in 12 months')),
                        ('first_order_on', models.DateField(blank=True, null=True, verbose_name='first order')),
                        ('influence', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='influence')),
                        ('look_on', models.DateField(blank=True, help_text='The next day on which the tier may change without anything new.', null=True, verbose_name='look again on')),
                        ('mark', models.BigIntegerField(db_default=0, default=0, editable=False)),
                        ('predicted_margin', models.DecimalField(blank=True, decimal_places=2, help_text='Expected in the 12 months after the last order or, if that is later, the day of the fit.', max_digits=14, null=True, verbose_name='predicted margin')),
                        ('purchase_days', models.PositiveIntegerField(db_default=0, verbose_name='days with an order, ever')),
                        ('repeat_margin', models.DecimalField(db_default=0, decimal_places=2, max_digits=14, verbose_name='margin after the first day')),
                        ('returns', models.PositiveIntegerField(db_default=0, verbose_name='returns in 12 months')),
                    ],
                    options={
                        'verbose_name': 'measures',
                        'verbose_name_plural': 'measures',
                        'indexes': [models.Index(condition=models.Q(('look_on__isnull', False)), fields=['look_on'], name='measures_due')],
                        'triggers': [pgtrigger.compiler.Trigger(name='measures_names_what_is_there', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE ids bigint[];', func="\n    PERFORM pg_advisory_xact_lock(7283001, bucket)\n    FROM (SELECT DISTINCT (customer_id / 10000)::int AS bucket FROM new_rows ORDER BY 1) AS buckets;\n\n    ids := ARRAY(SELECT DISTINCT customer_id FROM new_rows);\n    IF (SELECT count(*) FROM customers_customer WHERE id = ANY(ids)) <> cardinality(ids) THEN\n        RAISE EXCEPTION 'there is no such customer'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'measures_of_a_customer';\n    END IF;\nRETURN NULL;", hash='0c168dd4b5e42f860405c8737f4c44e9fbd3c2d0', level='STATEMENT', operation='INSERT', pgid='pgtrigger_measures_names_what_is_there_7a017', referencing='REFERENCING NEW TABLE AS new_rows ', table='tiers_measures', when='AFTER')), pgtrigger.compiler.Trigger(name='measures_are_replaced', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='b25df14f8cdd38ce2280905cad664ff0b381268e', operation='UPDATE', pgid='pgtrigger_measures_are_replaced_3c67b', table='tiers_measures', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Run',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('full', 'Everybody'), ('due', 'Everybody with something new or due'), ('touched', 'Touched customers')], max_length=10, verbose_name='kind')),
                        ('as_of', models.DateField(help_text='Measures count orders up to the end of this day.', verbose_name='as of')),
                        ('effective_at', models.DateTimeField(verbose_name='moves hold from')),
                        ('state', models.CharField(choices=[('active', 'Under way'), ('finished', 'Finished'), ('cancelled', 'Cancelled')], default='active', max_length=10, verbose_name='state')),
                        ('customers', models.PositiveIntegerField(default=0, verbose_name='customers')),
                        ('moves', models.PositiveIntegerField(default=0, verbose_name='moves')),
                        ('started_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='started')),
                        ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                        ('scheme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='tiers.scheme', verbose_name='scheme')),
                        ('cutoffs', models.JSONField(blank=True, default=dict, null=True, verbose_name='cut-offs')),
                        ('digest', models.CharField(blank=True, default='', help_text='Of everything that decides besides the facts. With another mark everybody is looked at.', max_length=64, verbose_name='mark of the rules')),
                        ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='asked for by')),
                        ('told_at', models.DateTimeField(blank=True, null=True, verbose_name='managers told')),
                        ('value_fit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='tiers.valuefit', verbose_name='fit of predicted value')),
                    ],
                    options={
                        'verbose_name': 'run',
                        'verbose_name_plural': 'runs',
                        'ordering': ('-pk',),
                        'indexes': [models.Index(condition=models.Q(('moves__gt', 0), ('state', 'finished'), ('told_at', None), models.Q(('kind', 'touched'), _negated=True)), fields=['ended_at'], name='run_to_tell')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state', 'active')), models.Q(models.Q(('state', 'active'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='run_ended_has_a_time'), models.UniqueConstraint(condition=models.Q(('state', 'active'), models.Q(('kind', 'touched'), _negated=True)), fields=('state',), name='run_one_active', violation_error_message='A re-tiering is under way already.')],
                        'triggers': [pgtrigger.compiler.Trigger(name='run_kept_while_named', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (SELECT FROM tiers_move WHERE run_id = OLD.id) THEN\n                RAISE EXCEPTION 'it is still named by standings or moves'\n                    USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'run_kept_while_named';\n            END IF;\n            RETURN NULL;\n        ", hash='29f2e9df348a008851303fcd598495db144b2ccf', operation='DELETE', pgid='pgtrigger_run_kept_while_named_66129', table='tiers_run', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='Move',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('reason', models.CharField(choices=[('first', 'First standing'), ('promoted', 'Moved up'), ('demoted', 'Moved down'), ('raised', 'Raised by a colleague'), ('lowered', 'Lowered by a colleague'), ('merged', 'Of two who are one, the higher'), ('parted', 'As before a merging that was undone')], max_length=10, verbose_name='reason')),
                        ('moved_at', models.DateTimeField(verbose_name='when')),
                        ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='customers.customer')),
                        ('run', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='moved', to='tiers.run', verbose_name='run')),
                        ('from_tier', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tiers.tier', verbose_name='from')),
                        ('to_tier', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tiers.tier', verbose_name='to')),
                        ('numbers', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, help_text="The measures as they were, in the engine's order and units.", size=None, verbose_name='numbers')),
                    ],
                    options={
                        'verbose_name': 'move',
                        'verbose_name_plural': 'moves',
                        'ordering': ('-moved_at',),
                        'indexes': [django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['run'], name='move_of_run', pages_per_range=32)],
                        'constraints': [models.CheckConstraint(condition=models.Q(('from_tier', None), models.Q(('from_tier', models.F('to_tier')), _negated=True), _connector='OR'), name='move_goes_somewhere'), models.UniqueConstraint(fields=('customer', 'run'), name='move_once_per_run')],
                        'triggers': [pgtrigger.compiler.Trigger(name='move_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3c32dcf233dcd11d2afba410ee867b03253d30c8', operation='UPDATE OR DELETE', pgid='pgtrigger_move_append_only_01e30', table='tiers_move', when='BEFORE')), pgtrigger.compiler.Trigger(name='move_names_what_is_there', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE ids bigint[];', func="\n    PERFORM pg_advisory_xact_lock(7283001, bucket)\n    FROM (SELECT DISTINCT (customer_id / 10000)::int AS bucket FROM new_rows ORDER BY 1) AS buckets;\n\n    ids := ARRAY(SELECT DISTINCT customer_id FROM new_rows);\n    IF (SELECT count(*) FROM customers_customer WHERE id = ANY(ids)) <> cardinality(ids) THEN\n        RAISE EXCEPTION 'there is no such customer'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'move_of_a_customer';\n    END IF;\n\n    IF EXISTS (\n        WITH kept AS (\n            SELECT id FROM tiers_run WHERE id IN (SELECT DISTINCT run_id FROM new_rows) FOR KEY SHARE\n        )\n        SELECT FROM (SELECT DISTINCT run_id AS id FROM new_rows WHERE run_id IS NOT NULL) AS named\n        WHERE id NOT IN (SELECT id FROM kept)\n    ) THEN\n        RAISE EXCEPTION 'run_id names what is not there'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'move_run_id_there';\n    END IF;\n\n    IF EXISTS (\n        WITH kept AS (\n            SELECT id FROM tiers_tier WHERE id IN (SELECT DISTINCT from_tier_id FROM new_rows) FOR KEY SHARE\n        )\n        SELECT FROM (SELECT DISTINCT from_tier_id AS id FROM new_rows WHERE from_tier_id IS NOT NULL) AS named\n        WHERE id NOT IN (SELECT id FROM kept)\n    ) THEN\n        RAISE EXCEPTION 'from_tier_id names what is not there'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'move_from_tier_id_there';\n    END IF;\n\n    IF EXISTS (\n        WITH kept AS (\n            SELECT id FROM tiers_tier WHERE id IN (SELECT DISTINCT to_tier_id FROM new_rows) FOR KEY SHARE\n        )\n        SELECT FROM (SELECT DISTINCT to_tier_id AS id FROM new_rows WHERE to_tier_id IS NOT NULL) AS named\n        WHERE id NOT IN (SELECT id FROM kept)\n    ) THEN\n        RAISE EXCEPTION 'to_tier_id names what is not there'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'move_to_tier_id_there';\n    END IF;\nRETURN NULL;", hash='4238b3916080540bcfce6b699a7dda963a425250', level='STATEMENT', operation='INSERT', pgid='pgtrigger_move_names_what_is_there_4823b', referencing='REFERENCING NEW TABLE AS new_rows ', table='tiers_move', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='Scheme',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('version', models.PositiveIntegerField(unique=True, verbose_name='version')),
                        ('name', models.CharField(max_length=120, verbose_name='name')),
                        ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('retired', 'Retired')], default='draft', max_length=10, verbose_name='state')),
                        ('hold_days', models.PositiveSmallIntegerField(default=90, help_text='Nobody moves down again before then.', verbose_name='days held after moving up')),
                        ('grace_days', models.PositiveSmallIntegerField(default=30, help_text='How long somebody may be below the bar before they move down.', verbose_name='days of grace')),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='written')),
                        ('published_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='published')),
                        ('retired_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='retired')),
                        ('published_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'scheme',
                        'verbose_name_plural': 'schemes',
                        'ordering': ('-version',),
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'published')), fields=('state',), name='scheme_one_published', violation_error_message='Another scheme is published. It retires when this one is published.'), models.CheckConstraint(condition=models.Q(models.Q(('published_at', None), ('retired_at', None), ('state', 'draft')), models.Q(('published_at__isnull', False), ('retired_at', None), ('state', 'published')), models.Q(('published_at__isnull', False), ('retired_at__gte', models.F('published_at')), ('retired_at__isnull', False), ('state', 'retired')), _connector='OR'), name='scheme_times_fit_state')],
                        'triggers': [pgtrigger.compiler.Trigger(name='scheme_published_is_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state <> 'draft')", func="\n                    -- It may retire, and the colleague who published it may leave.\n                    IF TG_OP = 'UPDATE'\n                       AND to_jsonb(OLD) - '{state,retired_at,published_by_id}'::text[]\n                           = to_jsonb(NEW) - '{state,retired_at,published_by_id}'::text[]\n                       AND (NEW.published_by_id IS NULL OR NEW.published_by_id = OLD.published_by_id)\n                       AND ((OLD.state, OLD.retired_at) IS NOT DISTINCT FROM (NEW.state, NEW.retired_at)\n                            OR (OLD.state = 'published' AND NEW.state = 'retired')) THEN\n                        RETURN NEW;\n                    END IF;\n                    RAISE EXCEPTION 'a published scheme cannot be changed'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'scheme_published_is_fixed';\n                ", hash='36e4edba2b8cda0b05ea82a10339e5767507e364', operation='UPDATE OR DELETE', pgid='pgtrigger_scheme_published_is_fixed_91ed9', table='tiers_scheme', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Shard',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('first_id', models.BigIntegerField(verbose_name='from')),
                        ('last_id', models.BigIntegerField(verbose_name='to')),
                        ('customers', models.PositiveIntegerField(default=0, verbose_name='customers')),
                        ('moves', models.PositiveIntegerField(default=0, verbose_name='moves')),
                        ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='done')),
                        ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shards', to='tiers.run')),
                        ('measured_at', models.DateTimeField(blank=True, null=True, verbose_name='measured')),
                    ],
                    options={
                        'verbose_name': 'shard',
                        'verbose_name_plural': 'shards',
                        'indexes': [models.Index(condition=models.Q(('done_at', None)), fields=['run'], name='shard_open')],
                        'constraints': [models.UniqueConstraint(fields=('run', 'first_id'), name='shard_once'), models.CheckConstraint(condition=models.Q(('last_id__gte', models.F('first_id'))), name='shard_range_in_order')],
                    },
                ),
                migrations.CreateModel(
                    name='Tier',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('rank', models.PositiveSmallIntegerField(unique=True, verbose_name='rank')),
                        ('slug', models.SlugField(unique=True, verbose_name='short name')),
                        ('name', models.CharField(max_length=60, verbose_name='name')),
                        ('shape', models.CharField(choices=[('circle', 'Circle'), ('square', 'Square'), ('diamond', 'Diamond'), ('star', 'Star')], max_length=10, verbose_name='mark')),
                        ('recovery_hours', models.PositiveSmallIntegerField(default=48, help_text='How soon an unhappy answer must have been dealt with.', verbose_name='hours to mend')),
                    ],
                    options={
                        'verbose_name': 'tier',
                        'verbose_name_plural': 'tiers',
                        'ordering': ('rank',),
                        'constraints': [models.CheckConstraint(condition=models.Q(('rank__gte', 1)), name='tier_rank_from_one'), models.CheckConstraint(condition=models.Q(('recovery_hours__gte', 1)), name='tier_recovery_hours_positive')],
                        'triggers': [pgtrigger.compiler.Trigger(name='tier_kept_while_named', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (SELECT FROM tiers_standing WHERE tier_id = OLD.id) OR EXISTS (SELECT FROM tiers_standing WHERE earned_tier_id = OLD.id) OR EXISTS (SELECT FROM tiers_move WHERE to_tier_id = OLD.id) OR EXISTS (SELECT FROM tiers_move WHERE from_tier_id = OLD.id) THEN\n                RAISE EXCEPTION 'it is still named by standings or moves'\n                    USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'tier_kept_while_named';\n            END IF;\n            RETURN NULL;\n        ", hash='44c34f7c15d20dc5a5438e87bd4e63eb6623dce4', operation='DELETE', pgid='pgtrigger_tier_kept_while_named_904ce', table='tiers_tier', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='Standing',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('reason', models.CharField(choices=[('first', 'First standing'), ('promoted', 'Moved up'), ('demoted', 'Moved down'), ('raised', 'Raised by a colleague'), ('lowered', 'Lowered by a colleague'), ('merged', 'Of two who are one, the higher'), ('parted', 'As before a merging that was undone')], max_length=10, verbose_name='reason')),
                        ('valid_from', models.DateTimeField(verbose_name='since')),
                        ('valid_until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                        ('held_until', models.DateField(blank=True, null=True, verbose_name='held until')),
                        ('below_since', models.DateField(blank=True, null=True, verbose_name='below the bar since')),
                        ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='standings', to='customers.customer')),
                        ('earned_tier', models.ForeignKey(db_constraint=False, db_index=False, help_text='What the numbers alone would give; hold and grace may keep the customer higher.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tiers.tier', verbose_name='earned by the numbers')),
                        ('tier', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='standings', to='tiers.tier', verbose_name='tier')),
                    ],
                    options={
                        'verbose_name': 'standing',
                        'verbose_name_plural': 'standings',
                        'indexes': [models.Index(condition=models.Q(('valid_until__isnull', False)), fields=['customer', 'valid_from'], name='standing_past')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('valid_until', None)), fields=('customer',), name='standing_one_present'), models.CheckConstraint(condition=models.Q(('valid_until', None), ('valid_until__gt', models.F('valid_from')), _connector='OR'), name='standing_ends_after_it_began'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('valid_until__isnull', False)), expressions=((models.Func(models.F('customer'), models.F('customer'), models.Value('[]'), function='int8range'), '&&'), (models.Func(models.F('valid_from'), models.F('valid_until'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')), name='standing_periods_apart')],
                        'triggers': [pgtrigger.compiler.Trigger(name='standing_names_what_is_there', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE ids bigint[];', func="\n    PERFORM pg_advisory_xact_lock(7283001, bucket)\n    FROM (SELECT DISTINCT (customer_id / 10000)::int AS bucket FROM new_rows ORDER BY 1) AS buckets;\n\n    ids := ARRAY(SELECT DISTINCT customer_id FROM new_rows);\n    IF (SELECT count(*) FROM customers_customer WHERE id = ANY(ids)) <> cardinality(ids) THEN\n        RAISE EXCEPTION 'there is no such customer'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'standing_of_a_customer';\n    END IF;\n\n    IF EXISTS (\n        WITH kept AS (\n            SELECT id FROM tiers_tier WHERE id IN (SELECT DISTINCT tier_id FROM new_rows) FOR KEY SHARE\n        )\n        SELECT FROM (SELECT DISTINCT tier_id AS id FROM new_rows WHERE tier_id IS NOT NULL) AS named\n        WHERE id NOT IN (SELECT id FROM kept)\n    ) THEN\n        RAISE EXCEPTION 'tier_id names what is not there'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'standing_tier_id_there';\n    END IF;\n\n    IF EXISTS (\n        WITH kept AS (\n            SELECT id FROM tiers_tier WHERE id IN (SELECT DISTINCT earned_tier_id FROM new_rows) FOR KEY SHARE\n        )\n        SELECT FROM (SELECT DISTINCT earned_tier_id AS id FROM new_rows WHERE earned_tier_id IS NOT NULL) AS named\n        WHERE id NOT IN (SELECT id FROM kept)\n    ) THEN\n        RAISE EXCEPTION 'earned_tier_id names what is not there'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'standing_earned_tier_id_there';\n    END IF;\n\n                    -- OFFSET 0 keeps the search one probe of an index for each row, whatever size the table had when\n                    -- it was planned. Most who come have no past: they are asked about together.\n                    IF EXISTS (\n                        SELECT FROM tiers_standing WHERE customer_id = ANY(ids) AND valid_until IS NOT NULL\n                    ) AND EXISTS (\n                        SELECT FROM new_rows AS fresh\n                        WHERE fresh.valid_until IS NULL AND EXISTS (\n                            SELECT FROM tiers_standing AS past\n                            WHERE past.customer_id = fresh.customer_id AND past.valid_until IS NOT NULL\n                              AND past.valid_until > fresh.valid_from OFFSET 0\n                        ) OR fresh.valid_until IS NOT NULL AND EXISTS (\n                            SELECT FROM tiers_standing AS present\n                            WHERE present.customer_id = fresh.customer_id AND present.valid_until IS NULL\n                              AND present.valid_from < fresh.valid_until OFFSET 0\n                        )\n                    ) THEN\n                        RAISE EXCEPTION 'the present standing begins before the past ones have ended'\n                            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'standing_present_after_past';\n                    END IF;\n                RETURN NULL;", hash='fd281a7c91c1f1066c97c27945bbb7617d65017f', level='STATEMENT', operation='INSERT', pgid='pgtrigger_standing_names_what_is_there_c3087', referencing='REFERENCING NEW TABLE AS new_rows ', table='tiers_standing', when='AFTER')), pgtrigger.compiler.Trigger(name='standing_still_names_what_is_there', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        WITH kept AS (\n            SELECT id FROM tiers_tier WHERE id IN (SELECT DISTINCT earned_tier_id FROM new_rows) FOR KEY SHARE\n        )\n        SELECT FROM (SELECT DISTINCT earned_tier_id AS id FROM new_rows WHERE earned_tier_id IS NOT NULL) AS named\n        WHERE id NOT IN (SELECT id FROM kept)\n    ) THEN\n        RAISE EXCEPTION 'earned_tier_id names what is not there'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'standing_earned_tier_id_there';\n    END IF;\nRETURN NULL;", hash='3605c075ff1f9ea107017939185f9cbbccab282c', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_standing_still_names_what_is_there_5b2ff', referencing='REFERENCING NEW TABLE AS new_rows ', table='tiers_standing', when='AFTER')), pgtrigger.compiler.Trigger(name='standing_stays_whose_it_is', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."tier_id" IS DISTINCT FROM (NEW."tier_id") OR OLD."valid_from" IS DISTINCT FROM (NEW."valid_from"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='452ee6ade3e8144fd24c558edee0f921407a0a55', operation='UPDATE', pgid='pgtrigger_standing_stays_whose_it_is_23619', table='tiers_standing', when='BEFORE')), pgtrigger.compiler.Trigger(name='standing_past_is_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.valid_until IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='3f3180492b1bafd80e7cc51c600cc155cbe73bfe', operation='UPDATE', pgid='pgtrigger_standing_past_is_fixed_dbc68', table='tiers_standing', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Perk',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('text', models.CharField(max_length=160, verbose_name='what')),
                        ('position', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                        ('tier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='perks', to='tiers.tier')),
                        ('yearly_cost', models.DecimalField(decimal_places=2, default=0, help_text="For one customer, in the house's currency, without the time of colleagues.", max_digits=10, verbose_name='cost a year')),
                        ('yearly_minutes', models.PositiveIntegerField(default=0, help_text="Of a colleague's time, for one customer.", verbose_name='minutes a year')),
                        ('skill', models.ForeignKey(blank=True, help_text='What the colleague has to be able to do.', null=True, on_delete=django.db.models.deletion.PROTECT, to='tiers.skill', verbose_name='skill')),
                        ('address', models.CharField(blank=True, db_default='', default='', help_text='Of a line its number; of a chat its https address, with {customer} where the customer belongs.', max_length=200, verbose_name='number or address')),
                        ('channel', models.CharField(choices=[('none', 'None'), ('line', 'Dedicated line'), ('chat', 'Chat'), ('video', 'Video')], db_default='none', default='none', help_text='A way to reach us that only this tier has.', max_length=5, verbose_name='opens')),
                    ],
                    options={
                        'verbose_name': 'perk',
                        'verbose_name_plural': 'perks',
                        'ordering': ('tier', 'position', 'pk'),
                        'constraints': [models.UniqueConstraint(fields=('tier', 'text'), name='perk_once_per_tier'), models.CheckConstraint(condition=models.Q(('yearly_cost__gte', 0)), name='perk_cost_not_negative'), models.CheckConstraint(condition=models.Q(('yearly_minutes', 0), ('skill__isnull', False), _connector='OR'), name='perk_minutes_want_a_skill'), models.CheckConstraint(condition=models.Q(models.Q(('address__regex', '^\\+[0-9]{4,15}(;ext=[0-9]{1,20})?$'), ('channel', 'line')), models.Q(('address__regex', '^https://[^/{}\\s]+[/?#]\\S*\\{customer\\}'), ('channel', 'chat')), models.Q(('address', ''), ('channel__in', ('none', 'video'))), _connector='OR'), name='perk_address_fits_channel')],
                    },
                ),
                migrations.CreateModel(
                    name='Bar',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('rule', models.CharField(choices=[('entry', 'To enter'), ('keep', 'To stay')], max_length=5, verbose_name='rule')),
                        ('measure', models.CharField(choices=[('margin', 'Margin in 12 months'), ('orders', 'Orders in 12 months'), ('recency', 'Days since the last order'), ('tenure', 'Days since the first order'), ('predicted', 'Predicted margin'), ('cost', 'Cost to serve in 12 months'), ('engagement', 'Contacts in 12 months'), ('influence', 'Influence'), ('advocacy', 'Advocacy'), ('score', 'Score')], max_length=10, verbose_name='measure')),
                        ('value', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='bar')),
                        ('scheme', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bars', to='tiers.scheme')),
                        ('tier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bars', to='tiers.tier')),
                        ('basis', models.CharField(choices=[('value', 'A value'), ('share', 'The best so many per cent')], default='value', max_length=5, verbose_name='counted in')),
                    ],
                    options={
                        'verbose_name': 'bar',
                        'verbose_name_plural': 'bars',
                        'ordering': ('tier__rank', 'rule', 'measure'),
                        'constraints': [models.UniqueConstraint(fields=('scheme', 'tier', 'rule', 'measure'), name='bar_once'), models.CheckConstraint(condition=models.Q(('rule__in', ['entry', 'keep'])), name='bar_rule_known'), models.CheckConstraint(condition=models.Q(('measure__in', ['margin', 'orders', 'recency', 'tenure', 'predicted', 'cost', 'engagement', 'influence', 'advocacy', 'score'])), name='bar_measure_known'), models.CheckConstraint(condition=models.Q(('basis', 'value'), models.Q(('basis', 'share'), ('value__gt', 0), ('value__lte', 100)), _connector='OR'), name='bar_share_is_a_share', violation_error_message='A share is more than 0 and at most 100 per cent.')],
                        'triggers': [pgtrigger.compiler.Trigger(name='bar_of_published_is_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    -- The lock: a scheme is not published while somebody is writing one of its bars.\n                    IF EXISTS (\n                        WITH locked AS (\n                            SELECT state FROM tiers_scheme\n                            WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.scheme_id END,\n                                         CASE WHEN TG_OP <> 'DELETE' THEN NEW.scheme_id END)\n                            FOR SHARE\n                        )\n                        SELECT FROM locked WHERE state <> 'draft'\n                    ) THEN\n                        RAISE EXCEPTION 'the bars of a published scheme cannot be changed'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'bar_of_published_is_fixed';\n                    END IF;\n                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n                    RETURN NEW;\n                ", hash='08afa16a1bebe339af31125274382d94279e6738', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_bar_of_published_is_fixed_131e4', table='tiers_bar', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='CostRate',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('what', models.CharField(choices=[('phone', 'An hour on the phone'), ('email', 'An hour of email'), ('chat', 'An hour of chat'), ('visit', 'An hour of a visit'), ('video', 'An hour of video'), ('web', 'An hour of web contacts'), ('return', 'A return handled')], max_length=10, unique=True, verbose_name='what')),
                        ('price', models.DecimalField(decimal_places=2, help_text="In the house's currency: for an hour, or for each.", max_digits=10, verbose_name='price')),
                        ('most_minutes', models.PositiveSmallIntegerField(default=60, help_text='A contact that stays open for longer is counted as this long. Not used for returns.', verbose_name='minutes at most')),
                        ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                    ],
                    options={
                        'verbose_name': 'cost rate',
                        'verbose_name_plural': 'cost rates',
                        'ordering': ('what',),
                        'constraints': [models.CheckConstraint(condition=models.Q(('what__in', ['phone', 'email', 'chat', 'visit', 'video', 'web', 'return'])), name='costrate_what_known'), models.CheckConstraint(condition=models.Q(('price__gte', 0)), name='costrate_not_negative'), models.CheckConstraint(condition=models.Q(('most_minutes__gte', 1)), name='costrate_minutes_positive')],
                    },
                ),
                migrations.CreateModel(
                    name='Override',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('floor', 'Never below'), ('ceiling', 'Never above'), ('lock', 'Always in')], max_length=10, verbose_name='what')),
                        ('reason', models.CharField(max_length=300, verbose_name='why')),
                        ('ends_on', models.DateField(blank=True, null=True, verbose_name='last day')),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='since')),
                        ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='overrides', to='customers.customer')),
                        ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='ended by')),
                        ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='overrides', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                        ('tier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='overrides', to='tiers.tier', verbose_name='tier')),
                    ],
                    options={
                        'verbose_name': 'override',
                        'verbose_name_plural': 'overrides',
                        'ordering': ('-created_at',),
                        'indexes': [models.Index(fields=['customer', '-created_at'], name='override_of_customer'), models.Index(condition=models.Q(('ended_at', None)), fields=['ends_on'], name='override_about_to_end')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('customer',), name='override_one_at_a_time', violation_error_message='This customer has an override already. End it first.'), models.CheckConstraint(condition=models.Q(('kind__in', ['floor', 'ceiling', 'lock'])), name='override_kind_known'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='override_has_a_reason'), models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gte', models.F('created_at')), _connector='OR'), name='override_ends_after_it_began'), models.CheckConstraint(condition=models.Q(('ended_by', None), ('ended_at__isnull', False), _connector='OR'), name='override_ended_by_wants_a_time')],
                    },
                ),
                migrations.CreateModel(
                    name='Skill',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('slug', models.SlugField(unique=True, verbose_name='short name')),
                        ('name', models.CharField(max_length=60, verbose_name='name')),
                    ],
                    options={
                        'verbose_name': 'skill',
                        'verbose_name_plural': 'skills',
                        'ordering': ('name',),
                    },
                ),
                migrations.CreateModel(
                    name='Weight',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('measure', models.CharField(choices=[('margin', 'Margin in 12 months'), ('orders', 'Orders in 12 months'), ('recency', 'Days since the last order'), ('tenure', 'Days since the first order'), ('predicted', 'Predicted margin'), ('cost', 'Cost to serve in 12 months'), ('engagement', 'Contacts in 12 months'), ('influence', 'Influence'), ('advocacy', 'Advocacy')], max_length=10, verbose_name='measure')),
                        ('weight', models.PositiveSmallIntegerField(verbose_name='parts')),
                        ('full_at', models.DecimalField(decimal_places=2, help_text="In the measure's unit. Where less is better, the parts are lost in full from here on.", max_digits=14, verbose_name='all of them at')),
                        ('scheme', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='weights', to='tiers.scheme')),
                    ],
                    options={
                        'verbose_name': 'weight',
                        'verbose_name_plural': 'weights',
                        'ordering': ('-weight', 'measure'),
                        'constraints': [models.UniqueConstraint(fields=('scheme', 'measure'), name='weight_once'), models.CheckConstraint(condition=models.Q(('measure__in', ['margin', 'orders', 'recency', 'tenure', 'predicted', 'cost', 'engagement', 'influence', 'advocacy'])), name='weight_measure_known'), models.CheckConstraint(condition=models.Q(('weight__gte', 1), ('weight__lte', 100)), name='weight_from_1_to_100'), models.CheckConstraint(condition=models.Q(('full_at__gt', 0)), name='weight_full_at_positive')],
                        'triggers': [pgtrigger.compiler.Trigger(name='weight_of_published_is_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    -- The lock: a scheme is not published while somebody is writing one of its bars.\n                    IF EXISTS (\n                        WITH locked AS (\n                            SELECT state FROM tiers_scheme\n                            WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.scheme_id END,\n                                         CASE WHEN TG_OP <> 'DELETE' THEN NEW.scheme_id END)\n                            FOR SHARE\n                        )\n                        SELECT FROM locked WHERE state <> 'draft'\n                    ) THEN\n                        RAISE EXCEPTION 'the bars of a published scheme cannot be changed'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'weight_of_published_is_fixed';\n                    END IF;\n                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n                    RETURN NEW;\n                ", hash='be9b91193b5820945ea05a943b3e6da35d6cf924', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_weight_of_published_is_fixed_3e3ee', table='tiers_weight', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='ValueFit',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('version', models.PositiveIntegerField(unique=True, verbose_name='version')),
                        ('fitted_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='fitted')),
                        ('model', models.CharField(choices=[('bg_nbd', 'BG/NBD'), ('nbd', 'NBD, no drop-out'), ('none', 'none')], max_length=10, verbose_name='model of purchases')),
                        ('first_day', models.DateField(blank=True, null=True, verbose_name='first day')),
                        ('last_day', models.DateField(verbose_name='last day')),
                        ('horizon_days', models.PositiveIntegerField(help_text='How far the predictions look.', verbose_name='days ahead')),
                        ('customers', models.PositiveIntegerField(verbose_name='customers')),
                        ('log_likelihood', models.FloatField(blank=True, null=True, verbose_name='log-likelihood')),
                        ('parameters', models.JSONField(help_text='As `Fit.as_json` writes them: weeks, and whole money.', verbose_name='parameters')),
                        ('warnings', models.JSONField(blank=True, default=list, verbose_name='warnings')),
                        ('calibration', models.JSONField(blank=True, default=dict, verbose_name='calibration')),
                        ('fitted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='asked for by')),
                    ],
                    options={
                        'verbose_name': 'fit of predicted value',
                        'verbose_name_plural': 'fits of predicted value',
                        'ordering': ('-version',),
                        'constraints': [models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='valuefit_version_from_one'), models.CheckConstraint(condition=models.Q(('model__in', ['bg_nbd', 'nbd', 'none'])), name='valuefit_model_known'), models.CheckConstraint(condition=models.Q(('horizon_days__gte', 1)), name='valuefit_horizon_positive'), models.CheckConstraint(condition=models.Q(('first_day', None), ('first_day__lte', models.F('last_day')), _connector='OR'), name='valuefit_window_in_order'), models.CheckConstraint(condition=models.Q(models.Q(('log_likelihood', None), ('model', 'none')), models.Q(models.Q(('model', 'none'), _negated=True), ('first_day__isnull', False), ('log_likelihood__isnull', False)), _connector='OR'), name='valuefit_likelihood_of_a_model')],
                        'triggers': [pgtrigger.compiler.Trigger(name='valuefit_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    -- Only the colleague who asked for it may leave.\n                    IF TG_OP = 'UPDATE' AND NEW.fitted_by_id IS NULL\n                       AND to_jsonb(OLD) - 'fitted_by_id' = to_jsonb(NEW) - 'fitted_by_id' THEN\n                        RETURN NEW;\n                    END IF;\n                    RAISE EXCEPTION 'a fit of predicted value cannot be changed'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'valuefit_append_only';\n                ", hash='bfb356faa5ca65820015fb985966a8405c555d49', operation='UPDATE OR DELETE', pgid='pgtrigger_valuefit_append_only_9d310', table='tiers_valuefit', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Preview',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('as_of', models.DateField(verbose_name='as of')),
                        ('digest', models.CharField(editable=False, max_length=64)),
                        ('state', models.CharField(choices=[('queued', 'Waiting to begin'), ('measuring', 'Measuring'), ('deciding', 'Deciding'), ('finished', 'Finished'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', editable=False, max_length=10, verbose_name='state')),
                        ('customers', models.PositiveIntegerField(default=0, verbose_name='customers')),
                        ('cutoffs', models.JSONField(blank=True, null=True, verbose_name='cut-offs')),
                        ('results', models.JSONField(blank=True, null=True, verbose_name='results')),
                        ('failure', models.CharField(blank=True, max_length=300, verbose_name='what went wrong')),
                        ('started_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='started')),
                        ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                        ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='asked for by')),
                        ('scheme', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='previews', to='tiers.scheme', verbose_name='scheme')),
                        ('value_fit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='tiers.valuefit', verbose_name='fit of predicted value')),
                    ],
                    options={
                        'verbose_name': 'preview',
                        'verbose_name_plural': 'previews',
                        'ordering': ('-pk',),
                        'permissions': (('export_preview', 'May export who would move'),),
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ('queued', 'measuring', 'deciding'))), fields=('scheme',), name='preview_one_under_way', violation_error_message='A preview of this scheme is under way already.'), models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'measuring', 'deciding', 'finished', 'failed', 'cancelled'])), name='preview_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state__in', ('queued', 'measuring', 'deciding'))), models.Q(models.Q(('state__in', ('queued', 'measuring', 'deciding')), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='preview_ended_has_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'finished'), _negated=True), models.Q(('cutoffs__isnull', False), ('results__isnull', False)), _connector='OR'), name='preview_finished_has_results'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'failed'), models.Q(('failure', ''), _negated=True)), models.Q(models.Q(('state', 'failed'), _negated=True), ('failure', '')), _connector='OR'), name='preview_failed_says_why')],
                    },
                ),
                migrations.CreateModel(
                    name='PreviewMove',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('reason', models.CharField(choices=[('first', 'First standing'), ('promoted', 'Moved up'), ('demoted', 'Moved down'), ('raised', 'Raised by a colleague'), ('lowered', 'Lowered by a colleague'), ('merged', 'Of two who are one, the higher'), ('parted', 'As before a merging that was undone')], max_length=10, verbose_name='reason')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                        ('from_tier', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tiers.tier', verbose_name='from')),
                        ('preview', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='moved', to='tiers.preview')),
                        ('to_tier', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tiers.tier', verbose_name='to')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['preview', 'customer'], name='previewmove_of_preview')],
                        'constraints': [models.UniqueConstraint(fields=('customer', 'preview'), name='previewmove_once'), models.CheckConstraint(condition=models.Q(('from_tier', None), models.Q(('from_tier', models.F('to_tier')), _negated=True), _connector='OR'), name='previewmove_goes_somewhere')],
                    },
                ),
                migrations.CreateModel(
                    name='PreviewShard',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('first_id', models.BigIntegerField()),
                        ('last_id', models.BigIntegerField()),
                        ('customers', models.PositiveIntegerField(default=0)),
                        ('measured', models.BinaryField(null=True)),
                        ('tally', models.JSONField(null=True)),
                        ('measured_at', models.DateTimeField(null=True)),
                        ('done_at', models.DateTimeField(null=True)),
                        ('preview', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='shards', to='tiers.preview')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('preview', 'first_id'), name='previewshard_once'), models.CheckConstraint(condition=models.Q(('last_id__gte', models.F('first_id'))), name='previewshard_range_in_order'), models.CheckConstraint(condition=models.Q(('done_at', None), models.Q(('measured_at__isnull', False), ('tally__isnull', False)), _connector='OR'), name='previewshard_done_has_a_tally')],
                    },
                ),
                migrations.CreateModel(
                    name='PerkUse',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('what', models.CharField(max_length=160, verbose_name='what')),
                        ('used_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='used')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='perk_uses', to='customers.customer')),
                        ('interaction', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='perk_uses', to='customers.interaction')),
                        ('noted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('perk', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='uses', to='tiers.perk')),
                    ],
                    options={
                        'verbose_name': 'use of a perk',
                        'verbose_name_plural': 'uses of perks',
                        'indexes': [models.Index(fields=['customer', '-used_at'], name='perkuse_of_customer')],
                        'constraints': [models.UniqueConstraint(fields=('interaction', 'perk'), name='perkuse_once_per_contact'), models.CheckConstraint(condition=models.Q(('what', ''), _negated=True), name='perkuse_says_what')],
                    },
                ),
                migrations.CreateModel(
                    name='VideoRoom',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(editable=False, max_length=40, unique=True, verbose_name='name')),
                        ('token_hash', models.BinaryField(max_length=32, unique=True)),
                        ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='made')),
                        ('expires_at', models.DateTimeField(verbose_name='works until')),
                        ('used_at', models.DateTimeField(blank=True, null=True, verbose_name='joined')),
                        ('used_by', models.BinaryField(max_length=32, null=True)),
                        ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                        ('agent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='host')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='video_rooms', to='customers.customer')),
                        ('interaction', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='video_rooms', to='customers.interaction')),
                        ('letter', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='video_room', to='customers.letter')),
                        ('perk', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='video_rooms', to='tiers.perk')),
                    ],
                    options={
                        'verbose_name': 'video room',
                        'verbose_name_plural': 'video rooms',
                        'indexes': [models.Index(fields=['customer', '-made_at'], name='videoroom_of_customer')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('name__regex', '^[0-9a-f]{40}$')), name='videoroom_name_unguessable'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('made_at'))), name='videoroom_expires_after_making'), models.CheckConstraint(condition=models.Q(('used_at', None), models.Q(('used_at__gte', models.F('made_at')), ('used_at__lte', models.F('expires_at'))), _connector='OR'), name='videoroom_used_within_its_life'), models.CheckConstraint(condition=models.Q(models.Q(('used_at', None), ('used_by', None)), models.Q(('used_at__isnull', False), ('used_by__isnull', False)), _connector='OR'), name='videoroom_used_by_a_browser'), models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gte', models.F('made_at')), _connector='OR'), name='videoroom_ends_after_making'), models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('interaction',), name='videoroom_one_open_per_contact')],
                        'triggers': [pgtrigger.compiler.Trigger(name='videoroom_used_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.used_at IS NOT NULL AND (OLD.used_at, OLD.used_by) IS DISTINCT FROM (NEW.used_at, NEW.used_by))', func="\n                    RAISE EXCEPTION 'a video link works once'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'videoroom_used_once';\n                ", hash='4ec75fc0b332568c010cd9c979d02c747614f000', operation='UPDATE', pgid='pgtrigger_videoroom_used_once_e88c8', table='tiers_videoroom', when='BEFORE'))],
                    },
                ),
            ],
        ),
        # A customer stays while a standing, a move or a row of measures names them. `customers` knows nothing of tiers, so
        # the trigger on its table stands here. The lock: see tiers.models.references.
        migrations.RunSQL(
            """
            CREATE FUNCTION customer_kept_while_named() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_advisory_xact_lock(7283001, (OLD.id / 10000)::int);
                IF EXISTS (SELECT FROM tiers_standing WHERE customer_id = OLD.id AND valid_until IS NULL)
                   OR EXISTS (SELECT FROM tiers_standing WHERE customer_id = OLD.id AND valid_until IS NOT NULL)
                   OR EXISTS (SELECT FROM tiers_move WHERE customer_id = OLD.id)
                   OR EXISTS (SELECT FROM tiers_measures WHERE customer_id = OLD.id) THEN
                    RAISE EXCEPTION 'this customer still has standings, moves or measures'
                        USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'customer_kept_while_named';
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER customer_kept_while_named AFTER DELETE OR UPDATE OF id ON customers_customer
                FOR EACH ROW EXECUTE FUNCTION customer_kept_while_named();
            """,
            """
            DROP TRIGGER customer_kept_while_named ON customers_customer;
            DROP FUNCTION customer_kept_while_named();
            """,
        ),
    ]
