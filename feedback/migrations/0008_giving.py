"""Gestures: the catalogue, who may give how much, the ledger with its months, and requests to leads."""

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0008_taken_back'),
        ('feedback', '0007_left_out'),
        ('tiers', '0007_runs_to_tell'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='GestureKind',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True, verbose_name='name')),
                ('words', models.JSONField(blank=True, default=dict, help_text='A whole sentence for the letter that confirms it, such as “We have sent you flowers.”', verbose_name='in words for the customer')),
                ('confirming', models.CharField(choices=[('never', 'No letter'), ('service', 'A letter, as a part of our service'), ('treat', 'A letter, unless they want no news or offers')], default='never', max_length=10, verbose_name='confirmed by')),
                ('usual_cost', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='usual cost')),
                ('highest_cost', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='highest cost')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('causes', models.ManyToManyField(blank=True, help_text='None: whatever it came from, also where nothing went wrong.', related_name='gesture_kinds', to='feedback.cause', verbose_name='causes')),
                ('tiers', models.ManyToManyField(blank=True, help_text='None: for every tier.', related_name='gesture_kinds', to='tiers.tier', verbose_name='tiers')),
                ('touch_points', models.ManyToManyField(blank=True, help_text='None: at all of them.', related_name='+', to='customers.touchpoint', verbose_name='touch points')),
            ],
            options={
                'verbose_name': 'kind of gesture',
                'verbose_name_plural': 'kinds of gestures',
                'ordering': ('position', 'name'),
            },
        ),
        migrations.CreateModel(
            name='GestureRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cost', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='cost')),
                ('reason', models.CharField(max_length=200, verbose_name='what for')),
                ('writes_letter', models.BooleanField(default=False, verbose_name='confirm it by a letter')),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='asked')),
                ('lapses_at', models.DateTimeField(verbose_name='answer wanted by')),
                ('state', models.CharField(choices=[('open', 'Waiting for an answer'), ('granted', 'Granted'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn'), ('lapsed', 'Nobody answered in time')], default='open', max_length=10, verbose_name='state')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
                ('answer', models.CharField(blank=True, max_length=200, verbose_name='in words')),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gesture_requests', to=settings.AUTH_USER_MODEL, verbose_name='asked by')),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='answered by')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gesture_requests', to='customers.customer')),
                ('gesture', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='gesture_request', to='customers.gesture')),
                ('interaction', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.interaction')),
                ('kind', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='feedback.gesturekind', verbose_name='what')),
            ],
            options={
                'verbose_name': 'request for a gesture',
                'verbose_name_plural': 'requests for gestures',
                'permissions': (('answer_any_request', "May answer everybody's requests for gestures"),),
            },
        ),
        migrations.CreateModel(
            name='GivingAllowance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(blank=True, max_length=20, verbose_name='role')),
                ('per_gesture', models.DecimalField(blank=True, decimal_places=2, help_text='For a role or a colleague. What costs more, a lead is asked.', max_digits=14, null=True, verbose_name='for one gesture')),
                ('per_month', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='in a month')),
                ('person', models.ForeignKey(blank=True, help_text="Their own amount goes before their role's.", null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='colleague')),
                ('tier', models.ForeignKey(blank=True, help_text='What all colleagues together may give to customers of this tier.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tiers.tier', verbose_name='tier')),
            ],
            options={
                'verbose_name': 'amount to give',
                'verbose_name_plural': 'amounts to give',
                'ordering': ('role', 'person', 'tier'),
            },
        ),
        migrations.CreateModel(
            name='GivingMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(verbose_name='month')),
                ('allowed', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='may be given')),
                ('spent', models.DecimalField(decimal_places=2, default=0, max_digits=14, verbose_name='given')),
                ('agent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='giving_months', to=settings.AUTH_USER_MODEL, verbose_name='colleague')),
                ('tier', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tiers.tier', verbose_name='tier')),
            ],
            options={
                'verbose_name': 'month of giving',
                'verbose_name_plural': 'months of giving',
                'ordering': ('-month', 'agent', 'tier'),
            },
        ),
        migrations.CreateModel(
            name='GivingEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entry', models.CharField(choices=[('given', 'Given'), ('taken_back', 'Taken back')], max_length=10, verbose_name='what')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='amount')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='when')),
                ('words', models.CharField(blank=True, max_length=200, verbose_name='why')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='giving_entries', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('gesture', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='customers.gesture')),
                ('kind', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='feedback.gesturekind', verbose_name='kind')),
                ('request', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='feedback.gesturerequest')),
                ('agent_month', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='feedback.givingmonth')),
                ('house_month', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='feedback.givingmonth')),
                ('tier_month', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='feedback.givingmonth')),
            ],
            options={
                'verbose_name': 'entry in the ledger of gestures',
                'verbose_name_plural': 'ledger of gestures',
                'ordering': ('at', 'pk'),
            },
        ),
        migrations.AddConstraint(
            model_name='gesturekind',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='gesturekind_has_a_name'),
        ),
        migrations.AddConstraint(
            model_name='gesturekind',
            constraint=models.CheckConstraint(condition=models.Q(('confirming__in', ['never', 'service', 'treat'])), name='gesturekind_confirming_known'),
        ),
        migrations.AddConstraint(
            model_name='gesturekind',
            constraint=models.CheckConstraint(condition=models.Q(('confirming', 'never'), models.Q(('words', {}), _negated=True), _connector='OR'), name='gesturekind_letter_has_words', violation_error_message='The letter needs a sentence. Write one, or choose no letter.'),
        ),
        migrations.AddConstraint(
            model_name='gesturekind',
            constraint=models.CheckConstraint(condition=models.Q(('highest_cost__gte', models.F('usual_cost')), ('usual_cost__gte', 0)), name='gesturekind_costs_in_order', violation_error_message='The highest cost cannot be below the usual one, nor a cost below zero.'),
        ),
        migrations.AddIndex(
            model_name='gesturerequest',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['lapses_at'], name='gesturerequest_open'),
        ),
        migrations.AddConstraint(
            model_name='gesturerequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('answered_by', None), ('gesture', None), ('state', 'open')), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), ('gesture__isnull', False), ('state', 'granted')), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), ('gesture', None), ('state__in', ('declined', 'withdrawn'))), models.Q(('answered_at__isnull', False), ('answered_by', None), ('gesture', None), ('state', 'lapsed')), _connector='OR'), name='gesturerequest_answer_fits_state'),
        ),
        migrations.AddConstraint(
            model_name='gesturerequest',
            constraint=models.CheckConstraint(condition=models.Q(('answered_by', None), models.Q(('state', 'withdrawn'), ('answered_by', models.F('agent'))), models.Q(models.Q(('state', 'withdrawn'), _negated=True), models.Q(('answered_by', models.F('agent')), _negated=True)), _connector='OR'), name='gesturerequest_nobody_answers_themselves'),
        ),
        migrations.AddConstraint(
            model_name='gesturerequest',
            constraint=models.CheckConstraint(condition=models.Q(('cost__gte', 0)), name='gesturerequest_cost_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='gesturerequest',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='gesturerequest_says_what_for'),
        ),
        migrations.AddConstraint(
            model_name='gesturerequest',
            constraint=models.CheckConstraint(condition=models.Q(('lapses_at__gt', models.F('asked_at'))), name='gesturerequest_lapses_later'),
        ),
        migrations.AddConstraint(
            model_name='gesturerequest',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('customer', 'kind'), name='gesturerequest_one_open'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='gesturerequest',
            trigger=pgtrigger.compiler.Trigger(name='gesturerequest_answered_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state <> 'open')", func="\n                    -- It may become another customer's, who is the same person.\n                    IF to_jsonb(OLD) - 'customer_id' = to_jsonb(NEW) - 'customer_id' THEN\n                        RETURN NEW;\n                    END IF;\n                    RAISE EXCEPTION 'a request that is answered stays as it is'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'gesturerequest_answered_stays';\n                ", hash='c8997db8c412a3bd871f65afb4e1397154f4ce58', operation='UPDATE', pgid='pgtrigger_gesturerequest_answered_stays_585a4', table='feedback_gesturerequest', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='givingallowance',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('role', ''), _negated=True), ('person', None), ('tier', None)), models.Q(('person__isnull', False), ('role', ''), ('tier', None)), models.Q(('person', None), ('role', '')), _connector='OR'), name='givingallowance_for_one', violation_error_message='Choose a role, a colleague or a tier; with none it is for the whole house.'),
        ),
        migrations.AddConstraint(
            model_name='givingallowance',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('per_gesture', None), ('person', None), ('role', '')), models.Q(models.Q(models.Q(('role', ''), _negated=True), ('person__isnull', False), _connector='OR'), ('per_gesture__isnull', False)), _connector='OR'), name='givingallowance_gesture_by_whom', violation_error_message='Say how much for one gesture for a role or a colleague, and only for them.'),
        ),
        migrations.AddConstraint(
            model_name='givingallowance',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('per_gesture', None), ('per_gesture__gte', 0), _connector='OR'), ('per_month__gte', 0)), name='givingallowance_not_negative', violation_error_message='An amount cannot be below zero.'),
        ),
        migrations.AddConstraint(
            model_name='givingallowance',
            constraint=models.UniqueConstraint(fields=('role', 'person', 'tier'), name='givingallowance_once', nulls_distinct=False, violation_error_message='There is an amount for them already.'),
        ),
        migrations.AddConstraint(
            model_name='givingmonth',
            constraint=models.UniqueConstraint(fields=('month', 'agent', 'tier'), name='givingmonth_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='givingmonth',
            constraint=models.CheckConstraint(condition=models.Q(('month__day', 1)), name='givingmonth_begins_on_the_first'),
        ),
        migrations.AddConstraint(
            model_name='givingmonth',
            constraint=models.CheckConstraint(condition=models.Q(('agent', None), ('tier', None), _connector='OR'), name='givingmonth_of_one'),
        ),
        migrations.AddConstraint(
            model_name='givingmonth',
            constraint=models.CheckConstraint(condition=models.Q(('agent', None), ('allowed__isnull', False), _connector='OR'), name='givingmonth_agent_has_a_limit'),
        ),
        migrations.AddConstraint(
            model_name='givingmonth',
            constraint=models.CheckConstraint(condition=models.Q(('spent__gte', 0)), name='givingmonth_spent_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='givingmonth',
            constraint=models.CheckConstraint(condition=models.Q(('allowed', None), ('spent__lte', models.F('allowed')), _connector='OR'), name='givingmonth_never_overspent'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='givingmonth',
            trigger=pgtrigger.compiler.Trigger(name='givingmonth_spent_is_the_ledgers', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE total numeric;', func="\n    IF NEW.agent_id IS NOT NULL THEN\n        SELECT COALESCE(sum(amount), 0) INTO total FROM feedback_givingentry WHERE agent_month_id = NEW.id;\n    ELSIF NEW.tier_id IS NOT NULL THEN\n        SELECT COALESCE(sum(amount), 0) INTO total FROM feedback_givingentry WHERE tier_month_id = NEW.id;\n    ELSE\n        SELECT COALESCE(sum(amount), 0) INTO total FROM feedback_givingentry WHERE house_month_id = NEW.id;\n    END IF;\n    IF NEW.spent <> total THEN\n        RAISE EXCEPTION 'what is spent is what the ledger says'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'givingmonth_spent_is_the_ledgers';\n    END IF;\n    RETURN NEW;\n", hash='c9bd2a1c972e6bdcbc8cb7f3c0625792e25a4b51', operation='INSERT OR UPDATE OF "spent"', pgid='pgtrigger_givingmonth_spent_is_the_ledgers_e1ff6', table='feedback_givingmonth', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='givingentry',
            constraint=models.UniqueConstraint(fields=('gesture', 'entry'), name='givingentry_once'),
        ),
        migrations.AddConstraint(
            model_name='givingentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount__gte', 0), ('entry', 'given')), models.Q(('amount__lte', 0), ('entry', 'taken_back')), _connector='OR'), name='givingentry_sign_fits'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='givingentry',
            trigger=pgtrigger.compiler.Trigger(name='givingentry_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='6ea6a8d25a1e045ca5df93e19f456bd1548708f6', operation='UPDATE OR DELETE', pgid='pgtrigger_givingentry_append_only_5c2bb', table='feedback_givingentry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='givingentry',
            trigger=pgtrigger.compiler.Trigger(name='givingentry_fits', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE fitting int; months int;', func="\n    SELECT count(*) FILTER (\n        WHERE (id = NEW.agent_month_id AND agent_id IS NOT NULL)\n           OR (id = NEW.house_month_id AND agent_id IS NULL AND tier_id IS NULL)\n           OR (id = NEW.tier_month_id AND tier_id IS NOT NULL)\n    ), count(DISTINCT month) INTO fitting, months\n    FROM feedback_givingmonth WHERE id IN (NEW.agent_month_id, NEW.house_month_id, NEW.tier_month_id);\n    IF months <> 1 OR fitting <> 2 + (NEW.tier_month_id IS NOT NULL)::int THEN\n        RAISE EXCEPTION 'an entry is of one month, of an agent, the house and a tier'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'givingentry_months_agree';\n    END IF;\n    IF NEW.entry = 'taken_back' AND NOT EXISTS (\n        SELECT FROM feedback_givingentry WHERE gesture_id = NEW.gesture_id AND entry = 'given'\n          AND (amount, kind_id, agent_month_id, house_month_id) =\n              (-NEW.amount, NEW.kind_id, NEW.agent_month_id, NEW.house_month_id)\n          AND tier_month_id IS NOT DISTINCT FROM NEW.tier_month_id\n    ) THEN\n        RAISE EXCEPTION 'what is taken back was given, as it was given'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'givingentry_mirrors_what_was_given';\n    END IF;\n    RETURN NEW;\n", hash='44d775dbafa77b4fb5c17c62359f1a88884483a6', operation='INSERT', pgid='pgtrigger_givingentry_fits_144fc', table='feedback_givingentry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='givingentry',
            trigger=pgtrigger.compiler.Trigger(name='givingentry_counts', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n    -- In one order, so that two entries never wait for each other in a circle.\n    PERFORM FROM feedback_givingmonth WHERE id IN (NEW.agent_month_id, NEW.house_month_id, NEW.tier_month_id)\n        ORDER BY id FOR NO KEY UPDATE;\n    UPDATE feedback_givingmonth SET spent = spent + NEW.amount\n        WHERE id IN (NEW.agent_month_id, NEW.house_month_id, NEW.tier_month_id);\n    RETURN NULL;\n', hash='3010b7c250f9214d01ae11f9944640a52658b572', operation='INSERT', pgid='pgtrigger_givingentry_counts_e42db', table='feedback_givingentry', when='AFTER')),
        ),
    ]
