"""What 0005 to 0009 come to, at once, for a house that begins.

A house that has them keeps them, and has nothing to do. What they did to rows of before has no place here.
"""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import pgtrigger.compiler
import uuid
from django.conf import settings
from django.db import migrations, models

from customers.tables import CreateModels


class Migration(migrations.Migration):

    replaces = [('portal', '0005_presence'), ('portal', '0006_hints'), ('portal', '0007_pins'), ('portal', '0008_pops'), ('portal', '0009_nothing_lost')]

    dependencies = [
        ('customers', '0012_duplicates'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('portal', '0004_insight'),
        ('tiers', '0008_perk_uses'),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name='Presence',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('seen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('colleague', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='presences', to='customers.customer')),
                    ],
                    options={
                        'verbose_name': 'presence',
                        'verbose_name_plural': 'presences',
                        'indexes': [models.Index(fields=['seen_at'], name='presence_oldest_first')],
                        'constraints': [models.UniqueConstraint(fields=('customer', 'colleague'), name='presence_once')],
                    },
                ),
                migrations.CreateModel(
                    name='HintArm',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('gesture', 'A gesture that fits'), ('plan_b', 'A plan B for what broke'), ('preference', 'A preference to honour'), ('perk', 'A perk not used yet'), ('service', 'An added service')], max_length=12, verbose_name='kind')),
                        ('situation', models.CharField(choices=[('owed-spoken', 'We owe them something, spoken'), ('owed-written', 'We owe them something, written'), ('celebration-spoken', 'Cause to celebrate, spoken'), ('celebration-written', 'Cause to celebrate, written'), ('quiet-spoken', 'All is well, spoken'), ('quiet-written', 'All is well, written')], max_length=24, verbose_name='situation')),
                        ('shown', models.PositiveIntegerField(verbose_name='shown')),
                        ('used', models.PositiveIntegerField(db_default=0, verbose_name='used')),
                        ('not_relevant', models.PositiveIntegerField(db_default=0, verbose_name='not relevant')),
                        ('wrong', models.PositiveIntegerField(db_default=0, verbose_name='wrong')),
                    ],
                    options={
                        'verbose_name': 'what was learned of hints',
                        'verbose_name_plural': 'what was learned of hints',
                        'constraints': [models.UniqueConstraint(fields=('kind', 'situation'), name='hintarm_once'), models.CheckConstraint(condition=models.Q(('shown__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('used'), '+', models.F('not_relevant')), '+', models.F('wrong')))), name='hintarm_pressed_were_shown')],
                    },
                ),
                migrations.CreateModel(
                    name='HintRule',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('gesture', 'A gesture that fits'), ('plan_b', 'A plan B for what broke'), ('preference', 'A preference to honour'), ('perk', 'A perk not used yet'), ('service', 'An added service')], editable=False, max_length=12, unique=True, verbose_name='kind')),
                        ('mode', models.CharField(choices=[('learned', 'Where experience puts it'), ('pinned', 'Always first'), ('off', 'Never')], default='learned', max_length=8, verbose_name='when')),
                        ('most', models.PositiveSmallIntegerField(default=1, help_text='From 1 to 3; three hints are shown in all.', verbose_name='at most at a time')),
                    ],
                    options={
                        'verbose_name': 'rule for hints',
                        'verbose_name_plural': 'rules for hints',
                        'ordering': ('kind',),
                        'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['gesture', 'plan_b', 'preference', 'perk', 'service'])), name='hintrule_kind_known'), models.CheckConstraint(condition=models.Q(('mode__in', ['learned', 'pinned', 'off'])), name='hintrule_mode_known'), models.CheckConstraint(condition=models.Q(('most__gte', 1), ('most__lte', 3)), name='hintrule_most_fits_the_page', violation_error_message='At most one, two or three at a time. To have none, choose “Never”.')],
                    },
                ),
                migrations.CreateModel(
                    name='HintShown',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=80, verbose_name='drawn from')),
                        ('kind', models.CharField(choices=[('gesture', 'A gesture that fits'), ('plan_b', 'A plan B for what broke'), ('preference', 'A preference to honour'), ('perk', 'A perk not used yet'), ('service', 'An added service')], max_length=12, verbose_name='kind')),
                        ('situation', models.CharField(choices=[('owed-spoken', 'We owe them something, spoken'), ('owed-written', 'We owe them something, written'), ('celebration-spoken', 'Cause to celebrate, spoken'), ('celebration-written', 'Cause to celebrate, written'), ('quiet-spoken', 'All is well, spoken'), ('quiet-written', 'All is well, written')], max_length=24, verbose_name='situation')),
                        ('rank', models.PositiveSmallIntegerField(verbose_name='place')),
                        ('score', models.FloatField(verbose_name='score')),
                        ('propensity', models.FloatField(verbose_name='chance of being shown')),
                        ('seed', models.CharField(max_length=40, verbose_name='drawn with')),
                        ('text', models.CharField(max_length=300, verbose_name='what')),
                        ('outcome', models.CharField(blank=True, choices=[('used', 'Used'), ('not_relevant', 'Not relevant'), ('wrong', 'Wrong'), ('taken_back', 'Taken back')], db_default='', default='', max_length=12, verbose_name='what became of it')),
                        ('shown_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='when')),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hints', to='customers.customer')),
                        ('interaction', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='hints', to='customers.interaction')),
                    ],
                    options={
                        'verbose_name': 'hint shown',
                        'verbose_name_plural': 'hints shown',
                        'indexes': [models.Index(condition=models.Q(('outcome', 'wrong')), fields=['customer'], name='hintshown_wrong'), models.Index(fields=['kind', 'situation', 'interaction'], name='hintshown_by_kind')],
                        'constraints': [models.UniqueConstraint(fields=('interaction', 'key'), name='hintshown_once_per_contact'), models.CheckConstraint(condition=models.Q(('kind__in', ['gesture', 'plan_b', 'preference', 'perk', 'service'])), name='hintshown_kind_known'), models.CheckConstraint(condition=models.Q(('situation__in', ['owed-spoken', 'owed-written', 'celebration-spoken', 'celebration-written', 'quiet-spoken', 'quiet-written'])), name='hintshown_situation_known'), models.CheckConstraint(condition=models.Q(('rank__gte', 1), ('rank__lte', 3)), name='hintshown_rank_on_the_page'), models.CheckConstraint(condition=models.Q(('score__gte', 0), ('score__lte', 1)), name='hintshown_score_is_a_share'), models.CheckConstraint(condition=models.Q(('propensity__gt', 0), ('propensity__lte', 1)), name='hintshown_propensity_is_a_chance'), models.CheckConstraint(condition=models.Q(('outcome', ''), ('outcome__in', ('used', 'not_relevant', 'wrong')), _connector='OR'), name='hintshown_outcome_known')],
                        'triggers': [pgtrigger.compiler.Trigger(name='hintshown_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='ff5b2615a1f385ab86f8f6e6c855bfe9e53c801a', operation='DELETE', pgid='pgtrigger_hintshown_stays_685b1', table='portal_hintshown', when='BEFORE')), pgtrigger.compiler.Trigger(name='hintshown_is_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (to_jsonb(OLD) - '{customer_id,outcome}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{customer_id,outcome}'::text[])", func="\n                    RAISE EXCEPTION 'a hint that was shown stays as it was'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'hintshown_is_fixed';\n                ", hash='0c579dec69bf1efefe40a29e0c4d12b600cfbcdc', operation='UPDATE', pgid='pgtrigger_hintshown_is_fixed_6205a', table='portal_hintshown', when='BEFORE')), pgtrigger.compiler.Trigger(name='hintshown_is_counted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    INSERT INTO portal_hintarm AS arm (kind, situation, shown, used, not_relevant, wrong)\n                    SELECT kind, situation, count(*), count(*) FILTER (WHERE outcome = 'used'),\n                           count(*) FILTER (WHERE outcome = 'not_relevant'), count(*) FILTER (WHERE outcome = 'wrong')\n                    FROM new_hints GROUP BY kind, situation ORDER BY kind, situation\n                    ON CONFLICT (kind, situation) DO UPDATE SET\n                        shown = arm.shown + EXCLUDED.shown, used = arm.used + EXCLUDED.used,\n                        not_relevant = arm.not_relevant + EXCLUDED.not_relevant, wrong = arm.wrong + EXCLUDED.wrong;\n                    RETURN NULL;\n                ", hash='af6f3af932afa143772de84c1894d480a779663a', level='STATEMENT', operation='INSERT', pgid='pgtrigger_hintshown_is_counted_d1123', referencing='REFERENCING NEW TABLE AS new_hints ', table='portal_hintshown', when='AFTER')), pgtrigger.compiler.Trigger(name='hintshown_outcome_is_learned', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.outcome IS DISTINCT FROM NEW.outcome)', func="\n                    UPDATE portal_hintarm SET\n                        used = used + (NEW.outcome = 'used')::int - (OLD.outcome = 'used')::int,\n                        not_relevant = not_relevant\n                            + (NEW.outcome = 'not_relevant')::int - (OLD.outcome = 'not_relevant')::int,\n                        wrong = wrong + (NEW.outcome = 'wrong')::int - (OLD.outcome = 'wrong')::int\n                    WHERE kind = NEW.kind AND situation = NEW.situation;\n                    RETURN NULL;\n                ", hash='9523c15f83ecec55db1d775175c8c2b8695de0bf', operation='UPDATE OF "outcome"', pgid='pgtrigger_hintshown_outcome_is_learned_3fe46', table='portal_hintshown', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='HintPress',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('outcome', models.CharField(choices=[('used', 'Used'), ('not_relevant', 'Not relevant'), ('wrong', 'Wrong'), ('taken_back', 'Taken back')], max_length=12, verbose_name='what')),
                        ('pressed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='when')),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='colleague')),
                        ('shown', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='presses', to='portal.hintshown')),
                    ],
                    options={
                        'verbose_name': 'press on a hint',
                        'verbose_name_plural': 'presses on hints',
                        'constraints': [models.CheckConstraint(condition=models.Q(('outcome__in', ['used', 'not_relevant', 'wrong', 'taken_back'])), name='hintpress_outcome_known')],
                        'triggers': [pgtrigger.compiler.Trigger(name='hintpress_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='62bf6329c05fbe0a58c00f4d6a6c72af78ab97b3', operation='DELETE', pgid='pgtrigger_hintpress_stays_454aa', table='portal_hintpress', when='BEFORE')), pgtrigger.compiler.Trigger(name='hintpress_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (to_jsonb(OLD) - 'by_id' IS DISTINCT FROM to_jsonb(NEW) - 'by_id' OR NEW.by_id IS NOT NULL)", func="\n                    RAISE EXCEPTION 'a press on a hint stays as it was'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'hintpress_append_only';\n                ", hash='00b4fff1a61112adfbd080fb7d332d16a67d7cab', operation='UPDATE', pgid='pgtrigger_hintpress_append_only_802f1', table='portal_hintpress', when='BEFORE')), pgtrigger.compiler.Trigger(name='hintpress_stands', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    UPDATE portal_hintshown\n                    SET outcome = CASE NEW.outcome WHEN 'taken_back' THEN '' ELSE NEW.outcome END\n                    WHERE id = NEW.shown_id;\n                    RETURN NULL;\n                ", hash='ce2e6c0cde9fedcc714727ac82b2998e38a09089', operation='INSERT', pgid='pgtrigger_hintpress_stands_a96a7', table='portal_hintpress', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='HintOffer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('plan_b', 'A plan B for what broke'), ('service', 'An added service')], max_length=8, verbose_name='what it is')),
                        ('words', models.CharField(help_text='Any of them, with commas between: vase, glass, bauble.', max_length=300, verbose_name='words')),
                        ('text', models.CharField(help_text='As a hint to a colleague: “Offer to lend a vase meanwhile”.', max_length=200, verbose_name='what to offer')),
                        ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                        ('forms', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, editable=False, size=None)),
                        ('tiers', models.ManyToManyField(blank=True, help_text='For everybody, where none is chosen.', related_name='+', to='tiers.tier', verbose_name='for')),
                    ],
                    options={
                        'verbose_name': 'offer to hint at',
                        'verbose_name_plural': 'offers to hint at',
                        'ordering': ('kind', 'words'),
                        'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['plan_b', 'service'])), name='hintoffer_kind_known'), models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='hintoffer_says_something'), models.CheckConstraint(condition=models.Q(('forms__len__gt', 0)), name='hintoffer_has_words')],
                    },
                ),
                migrations.CreateModel(
                    name='Pin',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('order', 'Orders'), ('interaction', 'Contacts'), ('letter', 'Letters'), ('answer', 'Answers'), ('incident', 'What went wrong'), ('promise', 'Promises'), ('move', 'Tier'), ('gesture', 'Gestures')], max_length=12, verbose_name='kind')),
                        ('row', models.BigIntegerField(verbose_name='number')),
                        ('reason', models.CharField(blank=True, max_length=200, verbose_name='why')),
                        ('pinned_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='pinned')),
                        ('unpinned_at', models.DateTimeField(blank=True, null=True, verbose_name='unpinned')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='pins', to='customers.customer')),
                        ('pinned_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='pinned by')),
                        ('unpinned_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='unpinned by')),
                    ],
                    options={
                        'verbose_name': 'pin',
                        'verbose_name_plural': 'pins',
                        'ordering': ('-pinned_at',),
                        'indexes': [models.Index(condition=models.Q(('unpinned_at', None)), fields=['customer', 'pinned_at'], name='pin_of_customer')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('unpinned_at', None)), fields=('kind', 'row'), name='pin_one_per_entry'), models.CheckConstraint(condition=models.Q(('kind__in', ['order', 'interaction', 'letter', 'answer', 'incident', 'promise', 'move', 'gesture'])), name='pin_kind_known'), models.CheckConstraint(condition=models.Q(models.Q(('unpinned_at', None), ('unpinned_by', None)), models.Q(('unpinned_at__isnull', False), ('unpinned_by__isnull', False)), _connector='OR'), name='pin_ended_by_somebody')],
                        'triggers': [pgtrigger.compiler.Trigger(name='pin_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='acbcb975cd661693ae29a9df4ca99d39ae7665f0', operation='DELETE', pgid='pgtrigger_pin_stays_9a77c', table='portal_pin', when='BEFORE')), pgtrigger.compiler.Trigger(name='pin_stays_what_it_is', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."pinned_at" IS DISTINCT FROM (NEW."pinned_at") OR OLD."pinned_by_id" IS DISTINCT FROM (NEW."pinned_by_id") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."row" IS DISTINCT FROM (NEW."row"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='2867ecaf515e79682750485738a8f12e5c7494b2', operation='UPDATE', pgid='pgtrigger_pin_stays_what_it_is_9dfdc', table='portal_pin', when='BEFORE')), pgtrigger.compiler.Trigger(name='pin_ends_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.unpinned_at IS NOT NULL AND (NEW.unpinned_at, NEW.unpinned_by_id) IS DISTINCT FROM (OLD.unpinned_at, OLD.unpinned_by_id))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='71b42c1dd3e16c0865797912d80c3b87aa2e102e', operation='UPDATE', pgid='pgtrigger_pin_ends_once_4a717', table='portal_pin', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Pop',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('source', models.CharField(max_length=40, verbose_name='source')),
                        ('external_id', models.CharField(max_length=80, verbose_name='number there')),
                        ('kind', models.CharField(choices=[('phone', 'Phone'), ('email', 'Email'), ('handle', 'Handle')], max_length=10, verbose_name='by')),
                        ('value', models.CharField(max_length=320, verbose_name='as given')),
                        ('normalised', models.CharField(max_length=320, verbose_name='as compared')),
                        ('channel', models.CharField(choices=[('phone', 'Phone'), ('chat', 'Chat'), ('email', 'Email'), ('visit', 'Visit'), ('video', 'Video'), ('web', 'Web')], max_length=10, verbose_name='channel')),
                        ('waited', models.DurationField(blank=True, null=True, verbose_name='kept waiting')),
                        ('match', models.CharField(choices=[('known', 'One person, certain match'), ('maybe', 'It may be one of several'), ('unknown', 'Nobody we know')], max_length=10, verbose_name='match')),
                        ('found', models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='how many it may be')),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='arrived')),
                        ('opened_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
                        ('dismissed_at', models.DateTimeField(blank=True, null=True, verbose_name='dismissed')),
                        ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended by itself')),
                        ('agent', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='pops', to=settings.AUTH_USER_MODEL, verbose_name='agent')),
                        ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pops', to='customers.customer', verbose_name='customer')),
                        ('touch_point', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.touchpoint', verbose_name='touch point')),
                    ],
                    options={
                        'verbose_name': 'pop',
                        'verbose_name_plural': 'pops',
                        'indexes': [models.Index(condition=models.Q(('dismissed_at', None), ('ended_at', None), ('opened_at', None)), fields=['agent', '-created_at'], name='pop_standing'), models.Index(condition=models.Q(('opened_at__isnull', False)), fields=['normalised', 'customer'], name='pop_answered'), models.Index(fields=['created_at'], name='pop_by_age')],
                        'constraints': [models.UniqueConstraint(fields=('source', 'external_id', 'agent'), name='pop_once_per_call_and_agent'), models.CheckConstraint(condition=models.Q(('kind__in', ['phone', 'email'])), name='pop_by_phone_or_email'), models.CheckConstraint(condition=models.Q(('match__in', ['known', 'maybe', 'unknown'])), name='pop_match_known'), models.CheckConstraint(condition=models.Q(models.Q(('match', 'known'), _negated=True), ('customer__isnull', False), _connector='OR'), name='pop_certain_of_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('dismissed_at', None), ('opened_at', None)), models.Q(('ended_at', None), ('opened_at', None)), models.Q(('dismissed_at', None), ('ended_at', None)), _connector='OR'), name='pop_ends_once')],
                        'triggers': [pgtrigger.compiler.Trigger(name='pop_rings', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM pg_notify('regulars_pops', COALESCE(NEW.agent_id, OLD.agent_id)::text); RETURN NULL;", hash='d257b7a89931f20699690a8f2e22d14e364a92f9', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_pop_rings_f4b9e', table='portal_pop', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='OutsideSourceEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('name', models.CharField(help_text='Stands above the card: “Parcels”.', max_length=60, verbose_name='name')),
                        ('url', models.CharField(help_text="With {reference} in the place of the customer's number: https://erp.example/card/{reference}", max_length=500, verbose_name='address')),
                        ('reference', models.CharField(choices=[('external', 'their number in the system that knows them'), ('public', 'our own number')], default='external', max_length=10, verbose_name='number')),
                        ('known_from', models.CharField(blank=True, help_text='Only for customers whose number comes from this source; for all, where it is empty.', max_length=40, verbose_name='for customers from')),
                        ('header', models.CharField(blank=True, help_text='For instance Authorization.', max_length=60, validators=[django.core.validators.RegexValidator('^[A-Za-z][A-Za-z0-9-]*\\Z', 'Letters, digits and hyphens, please.')], verbose_name='header for the secret')),
                        ('secret', models.CharField(blank=True, help_text="PARCELS stands for the environment's OUTSIDE_SECRET_PARCELS. The secret itself is not kept here.", max_length=40, validators=[django.core.validators.RegexValidator('^[A-Z][A-Z0-9_]*\\Z', 'Capitals, digits and underscores, please.')], verbose_name='name of the secret')),
                        ('shows', models.CharField(choices=[('open', 'nothing delicate'), ('money', 'money: for those who see amounts'), ('margin', 'margins: for those who see margins'), ('private', 'private things: for those who see what is private')], default='open', max_length=8, verbose_name='what it shows')),
                        ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('agent', 'Agent'), ('lead', 'Lead'), ('manager', 'Manager'), ('analyst', 'Analyst'), ('administrator', 'Administrator'), ('integration', 'Integration')], max_length=20), blank=True, default=list, help_text='For everybody at the desk, where none is chosen.', size=None, verbose_name='for')),
                        ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='portal.outsidesource')),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a513689ac8cbfe8d87572a35dd4c9af2fc7fb433', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_0280c', table='portal_outsidesourceevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Press',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.UUIDField(verbose_name='key')),
                        ('digest', models.BinaryField(max_length=32, verbose_name='digest')),
                        ('outcome', models.JSONField(db_default=models.Value({}, output_field=models.JSONField()), verbose_name='outcome')),
                        ('pressed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='when')),
                        ('colleague', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='colleague')),
                    ],
                    options={
                        'verbose_name': 'press',
                        'verbose_name_plural': 'presses',
                        'indexes': [models.Index(fields=['pressed_at'], name='press_oldest_first')],
                        'constraints': [models.UniqueConstraint(fields=('colleague', 'key'), name='press_once')],
                    },
                ),
                migrations.CreateModel(
                    name='OutsideSource',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(help_text='Stands above the card: “Parcels”.', max_length=60, unique=True, verbose_name='name')),
                        ('url', models.CharField(help_text="With {reference} in the place of the customer's number: https://erp.example/card/{reference}", max_length=500, verbose_name='address')),
                        ('reference', models.CharField(choices=[('external', 'their number in the system that knows them'), ('public', 'our own number')], default='external', max_length=10, verbose_name='number')),
                        ('known_from', models.CharField(blank=True, help_text='Only for customers whose number comes from this source; for all, where it is empty.', max_length=40, verbose_name='for customers from')),
                        ('header', models.CharField(blank=True, help_text='For instance Authorization.', max_length=60, validators=[django.core.validators.RegexValidator('^[A-Za-z][A-Za-z0-9-]*\\Z', 'Letters, digits and hyphens, please.')], verbose_name='header for the secret')),
                        ('secret', models.CharField(blank=True, help_text="PARCELS stands for the environment's OUTSIDE_SECRET_PARCELS. The secret itself is not kept here.", max_length=40, validators=[django.core.validators.RegexValidator('^[A-Z][A-Z0-9_]*\\Z', 'Capitals, digits and underscores, please.')], verbose_name='name of the secret')),
                        ('shows', models.CharField(choices=[('open', 'nothing delicate'), ('money', 'money: for those who see amounts'), ('margin', 'margins: for those who see margins'), ('private', 'private things: for those who see what is private')], default='open', max_length=8, verbose_name='what it shows')),
                        ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('agent', 'Agent'), ('lead', 'Lead'), ('manager', 'Manager'), ('analyst', 'Analyst'), ('administrator', 'Administrator'), ('integration', 'Integration')], max_length=20), blank=True, default=list, help_text='For everybody at the desk, where none is chosen.', size=None, verbose_name='for')),
                        ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                    ],
                    options={
                        'verbose_name': 'card from outside',
                        'verbose_name_plural': 'cards from outside',
                        'ordering': ('name',),
                        'constraints': [models.CheckConstraint(condition=models.Q(('url__contains', '{reference}')), name='outsidesource_asks_about_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('header', ''), ('secret', '')), models.Q(('header', ''), ('secret', ''), _connector='OR', _negated=True), _connector='OR'), name='outsidesource_secret_has_header', violation_error_message='A secret needs a header, and a header a secret.'), models.CheckConstraint(condition=models.Q(('shows__in', ['open', 'money', 'margin', 'private'])), name='outsidesource_shows_known'), models.CheckConstraint(condition=models.Q(('reference__in', ['external', 'public'])), name='outsidesource_reference_known'), models.CheckConstraint(condition=models.Q(('roles__contained_by', ['agent', 'lead', 'manager', 'analyst', 'administrator', 'integration'])), name='outsidesource_roles_known')],
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "portal_outsidesourceevent" ("header", "id", "is_active", "known_from", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference", "roles", "secret", "shows", "url") VALUES (NEW."header", NEW."id", NEW."is_active", NEW."known_from", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reference", NEW."roles", NEW."secret", NEW."shows", NEW."url"); RETURN NULL;', hash='07033133fe0fbb2e08ed015c800a947c5b8bcc82', operation='INSERT', pgid='pgtrigger_insert_insert_52b6d', table='portal_outsidesource', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "portal_outsidesourceevent" ("header", "id", "is_active", "known_from", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference", "roles", "secret", "shows", "url") VALUES (NEW."header", NEW."id", NEW."is_active", NEW."known_from", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reference", NEW."roles", NEW."secret", NEW."shows", NEW."url"); RETURN NULL;', hash='22dd62785ec3fa5995841f9ddda862926c13f89a', operation='UPDATE', pgid='pgtrigger_update_update_2d0bd', table='portal_outsidesource', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='OutsideCard',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('body', models.JSONField(verbose_name='card')),
                        ('fetched_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='as of')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='outside_cards', to='customers.customer')),
                        ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cards', to='portal.outsidesource')),
                    ],
                    options={
                        'verbose_name': 'card as it was last',
                        'verbose_name_plural': 'cards as they were last',
                        'constraints': [models.UniqueConstraint(fields=('customer', 'source'), name='outsidecard_once')],
                    },
                ),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='apitoken',
            name='apitoken_scopes_known',
        ),
        migrations.AlterField(
            model_name='apitoken',
            name='scopes',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('read', 'Read customers'), ('orders', 'Record orders'), ('interactions', 'Open and close interactions'), ('overrides', 'Set and end overrides'), ('pops', 'Tell a desk who is on the line')], max_length=20), size=None, verbose_name='scopes'),
        ),
        migrations.AddConstraint(
            model_name='apitoken',
            constraint=models.CheckConstraint(condition=models.Q(('scopes__contained_by', ['read', 'orders', 'interactions', 'overrides', 'pops']), ('scopes__len__gt', 0)), name='apitoken_scopes_known'),
        ),
    ]
