"""What 0001 to 0009 come to, at once, for a house that begins.

A house that has them keeps them, and has nothing to do. What they did to rows of before has no place here.
"""

import datetime
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import feedback.models.survey
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

from customers.tables import CreateModels


KEPT = "".join(
    f"""
    CREATE FUNCTION {name}_kept_while_invited() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM feedback_invitation AS known
            WHERE known.{name}_id = OLD.id AND NOT EXISTS (
                SELECT FROM customers_{name} AS kept
                WHERE kept.id = known.{name}_id AND kept.customer_id = known.customer_id
            )
        ) THEN
            RAISE EXCEPTION 'an invitation names this {name}'
                USING ERRCODE = 'foreign_key_violation', CONSTRAINT = '{name}_kept_while_invited';
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER {name}_kept_while_invited AFTER DELETE OR UPDATE OF id, customer_id ON customers_{name}
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {name}_kept_while_invited();
    """
    for name in ("interaction", "letter")
)
LET_GO = "".join(
    f"DROP TRIGGER {name}_kept_while_invited ON customers_{name}; DROP FUNCTION {name}_kept_while_invited();"
    for name in ("interaction", "letter")
)


class Migration(migrations.Migration):

    replaces = [('feedback', '0001_initial'), ('feedback', '0002_evidence'), ('feedback', '0003_surveys'), ('feedback', '0004_mending'), ('feedback', '0005_insight'), ('feedback', '0006_when_to_ask'), ('feedback', '0007_left_out'), ('feedback', '0008_giving'), ('feedback', '0009_invitations_asked')]

    initial = True

    dependencies = [
        ('customers', '0008_taken_back'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('tiers', '0007_runs_to_tell'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name='Answer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('enjoyed', models.CharField(choices=[('yes', 'Yes, I did'), ('partly', 'In part'), ('no', 'No, I did not')], max_length=8, verbose_name='answer')),
                        ('comment', models.TextField(blank=True, max_length=4000, verbose_name='comment')),
                        ('doubts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('too_soon', "Pressed within seconds of the letter's arrival"), ('all_links', 'All links were opened within seconds'), ('decoy', 'A link that people cannot see was opened'), ('not_seen', 'Pressed without having opened the page'), ('too_quick', 'Pressed within a moment of opening several links')], max_length=12), blank=True, default=list, size=None, verbose_name='doubts')),
                        ('is_counted', models.BooleanField(default=True, verbose_name='counted')),
                        ('answered_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='when')),
                        ('invitation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='feedback.invitation')),
                        ('conflict', models.CharField(blank=True, choices=[('elsewhere', 'It differs, and came from another place'), ('late', 'It differs, and came after the day in which an answer may be changed')], db_default='', default='', max_length=12, verbose_name='conflict')),
                    ],
                    options={
                        'verbose_name': 'answer',
                        'verbose_name_plural': 'answers',
                        'ordering': ('-answered_at',),
                        'permissions': (('view_insight', 'May see what we hear: rates, answers, comments'), ('view_all_agents', "May see every colleague's rate, not just their own team's"), ('export_insight', 'May take answers home as a file')),
                        'indexes': [models.Index(fields=['-answered_at', '-id'], name='answer_newest'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.search.SearchVector('comment', config='simple'), condition=models.Q(('comment', ''), _negated=True), name='answer_words'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.search.SearchVector('comment', config='english'), condition=models.Q(('comment', ''), _negated=True), name='answer_english'), models.Index(condition=models.Q(('is_counted', False)), fields=['invitation'], name='answer_left_out')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('is_counted', True)), fields=('invitation',), name='answer_one_counted'), models.CheckConstraint(condition=models.Q(('enjoyed__in', ['yes', 'partly', 'no'])), name='answer_known'), models.CheckConstraint(condition=models.Q(models.Q(('conflict', ''), ('doubts__len', 0), ('is_counted', True)), models.Q(('conflict', ''), ('doubts__len__gt', 0), ('is_counted', False)), models.Q(('doubts__len', 0), ('is_counted', False), models.Q(('conflict', ''), _negated=True)), _connector='OR'), name='answer_counted_doubtful_or_conflicting'), models.CheckConstraint(condition=models.Q(('conflict', ''), ('conflict__in', ['elsewhere', 'late']), _connector='OR'), name='answer_conflict_known')],
                        'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "feedback_answerevent" ("answered_at", "comment", "conflict", "doubts", "enjoyed", "id", "invitation_id", "is_counted", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."answered_at", NEW."comment", NEW."conflict", NEW."doubts", NEW."enjoyed", NEW."id", NEW."invitation_id", NEW."is_counted", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='73eb17c486ad0b0952961fe2e1344d62738ce4ba', operation='INSERT', pgid='pgtrigger_insert_insert_11e20', table='feedback_answer', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "feedback_answerevent" ("answered_at", "comment", "conflict", "doubts", "enjoyed", "id", "invitation_id", "is_counted", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."answered_at", NEW."comment", NEW."conflict", NEW."doubts", NEW."enjoyed", NEW."id", NEW."invitation_id", NEW."is_counted", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='cf1152011f53958085953c67469715a3cb81b1f0', operation='UPDATE', pgid='pgtrigger_update_update_b3e0b', table='feedback_answer', when='AFTER')), pgtrigger.compiler.Trigger(name='answer_tone_goes_with_words', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.comment IS DISTINCT FROM NEW.comment)', func='DELETE FROM feedback_commenttone WHERE answer_id = NEW.id; RETURN NULL;', hash='e9720d419d78327a5537ec51ae953305d0f74ec1', operation='UPDATE OF "comment"', pgid='pgtrigger_answer_tone_goes_with_words_2e9fe', table='feedback_answer', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='AskingRules',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('is_asking', models.BooleanField(default=True, verbose_name='ask customers how it was')),
                        ('days_between', models.PositiveSmallIntegerField(default=30, help_text='A customer is asked at most once in this many days.', verbose_name='days between')),
                        ('answer_days', models.PositiveSmallIntegerField(default=30, help_text='A link works for this long.', verbose_name='days to answer')),
                        ('asks_if_closed_itself', models.BooleanField(db_default=False, default=False, help_text='A chat that ran out, a call that rang out: usually there was nothing to enjoy.', verbose_name='ask about contacts that closed by themselves')),
                        ('budget', models.PositiveIntegerField(db_default=0, default=0, help_text='How many customers are asked in a day or a week. Where more could be, every tier, touch point and channel has its turn. 0: no limit.', verbose_name='letters at most')),
                        ('budget_per', models.CharField(choices=[('day', 'a day'), ('week', 'a week')], db_default='day', default='day', max_length=4, verbose_name='in')),
                        ('channels_left_out', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('phone', 'Phone'), ('chat', 'Chat'), ('email', 'Email'), ('visit', 'Visit'), ('video', 'Video'), ('web', 'Web')], max_length=10), blank=True, db_default=[], default=list, help_text='Nobody is asked about contacts on these.', size=None, verbose_name='channels left out')),
                        ('mending_days', models.PositiveSmallIntegerField(db_default=14, default=14, help_text='Nobody is asked while something is wrong. Where it is put right within this many days of the contact, we ask about it then. 0: we do not ask about it.', verbose_name='days to wait for mending')),
                        ('quiet_from', models.TimeField(blank=True, help_text="By the customer's own clock. A letter that is due in these hours waits until they are over.", null=True, verbose_name='quiet from')),
                        ('quiet_until', models.TimeField(blank=True, null=True, verbose_name='quiet until')),
                        ('reminder_days', models.PositiveSmallIntegerField(db_default=0, default=0, help_text='Who has not answered by then gets one reminder, never a second. 0: nobody is reminded.', verbose_name='days until a reminder')),
                        ('touch_points_left_out', models.ManyToManyField(blank=True, help_text='Nobody is asked about contacts here.', related_name='+', to='customers.touchpoint', verbose_name='touch points left out')),
                    ],
                    options={
                        'verbose_name': 'rules for asking',
                        'verbose_name_plural': 'rules for asking',
                        'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='askingrules_one_row'), models.CheckConstraint(condition=models.Q(('answer_days__gte', 1)), name='askingrules_answer_days_positive'), models.CheckConstraint(condition=models.Q(('channels_left_out__contained_by', ['phone', 'chat', 'email', 'visit', 'video', 'web'])), name='askingrules_channels_known'), models.CheckConstraint(condition=models.Q(('budget_per__in', ['day', 'week'])), name='askingrules_budget_per_known'), models.CheckConstraint(condition=models.Q(('reminder_days', 0), ('reminder_days__lt', models.F('answer_days')), _connector='OR'), name='askingrules_reminder_while_links_work', violation_error_message='A reminder must leave while the links still work.'), models.CheckConstraint(condition=models.Q(models.Q(('quiet_from', None), ('quiet_until', None)), models.Q(('quiet_from__isnull', False), ('quiet_until__isnull', False), models.Q(('quiet_from', models.F('quiet_until')), _negated=True)), _connector='OR'), name='askingrules_quiet_hours_both', violation_error_message='Quiet hours need both times, and two different ones.')],
                    },
                ),
                migrations.CreateModel(
                    name='Invitation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('not_asked', models.CharField(blank=True, choices=[('no_address', 'We have no email address'), ('no_consent', 'They asked not to be asked'), ('suppressed', 'We do not write to their address'), ('incident', 'Something is still wrong'), ('recovery', 'We are still mending an earlier answer'), ('too_often', 'They were asked not long ago'), ('too_late', 'The contact was too long ago'), ('by_itself', 'The contact closed by itself'), ('channel', 'We do not ask about this channel'), ('touch_point', 'We do not ask about this touch point'), ('budget', 'Others were asked')], max_length=12, verbose_name='why not')),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='when')),
                        ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='customers.customer')),
                        ('interaction', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='invitation', to='customers.interaction')),
                        ('letter', models.OneToOneField(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invitation', to='customers.letter')),
                        ('survey', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='feedback.survey', verbose_name='survey')),
                        ('after_mending', models.BooleanField(db_default=False, default=False, help_text='Something was wrong for the customer, and was put right before we asked.', verbose_name='after mending')),
                        ('chance', models.FloatField(blank=True, help_text='The share of contacts like this one that was chosen, 0 to 1. An answer speaks for 1 ÷ chance of them.', null=True, verbose_name='chance')),
                        ('look_again_at', models.DateTimeField(blank=True, null=True, verbose_name='looked at again')),
                        ('reminder', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reminded', to='customers.letter', verbose_name='reminder')),
                        ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='settled after waiting')),
                        ('waits_for', models.CharField(blank=True, choices=[('incident', 'Until what went wrong is put right'), ('recovery', 'Until an earlier answer is mended'), ('budget', 'For its turn')], db_default='', default='', max_length=12, verbose_name='waits for')),
                    ],
                    options={
                        'verbose_name': 'invitation',
                        'verbose_name_plural': 'invitations',
                        'ordering': ('-created_at',),
                        'indexes': [models.Index(fields=['customer', '-created_at'], name='invitation_of_customer'), models.Index(condition=models.Q(('waits_for', ''), _negated=True), fields=['look_again_at'], name='invitation_waiting'), models.Index(condition=models.Q(('settled_at__isnull', False)), fields=['settled_at'], name='invitation_settled'), django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['created_at'], name='invitation_by_day', pages_per_range=32), models.Index(condition=models.Q(('letter__isnull', False)), fields=['customer'], name='invitation_asked')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('letter__isnull', False), ('look_again_at', None), ('not_asked', ''), ('waits_for', '')), models.Q(('letter', None), ('look_again_at', None), ('waits_for', ''), models.Q(('not_asked', ''), _negated=True)), models.Q(('letter', None), ('look_again_at__isnull', False), ('not_asked', ''), ('settled_at', None), ('waits_for__in', ['incident', 'recovery', 'budget'])), _connector='OR'), name='invitation_letter_reason_or_wait'), models.UniqueConstraint(condition=models.Q(('reminder__isnull', False)), fields=('reminder',), name='invitation_reminder_of_one'), models.CheckConstraint(condition=models.Q(('reminder', None), ('letter__isnull', False), _connector='OR'), name='invitation_reminder_follows_letter'), models.CheckConstraint(condition=models.Q(('chance', None), models.Q(('chance__gte', 0), ('chance__lte', 1)), _connector='OR'), name='invitation_chance_is_a_share')],
                        'triggers': [pgtrigger.compiler.Trigger(name='invitation_names_what_is_there', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE ids bigint[];', func="\n    ids := ARRAY(SELECT DISTINCT interaction_id FROM new_rows WHERE interaction_id IS NOT NULL);\n    IF EXISTS (\n        WITH kept AS (\n            SELECT id, COALESCE(customer_id, 0) AS customer_id FROM customers_interaction WHERE id = ANY(ids) FOR KEY SHARE\n        )\n        SELECT FROM new_rows\n        WHERE interaction_id IS NOT NULL AND (interaction_id, customer_id) NOT IN (SELECT id, customer_id FROM kept)\n    ) THEN\n        RAISE EXCEPTION 'an invitation names a interaction that is not there, or another customer''s'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'invitation_interaction_of_customer';\n    END IF;\n\n    ids := ARRAY(SELECT DISTINCT letter_id FROM new_rows WHERE letter_id IS NOT NULL);\n    IF EXISTS (\n        WITH kept AS (\n            SELECT id, COALESCE(customer_id, 0) AS customer_id FROM customers_letter WHERE id = ANY(ids) FOR KEY SHARE\n        )\n        SELECT FROM new_rows\n        WHERE letter_id IS NOT NULL AND (letter_id, customer_id) NOT IN (SELECT id, customer_id FROM kept)\n    ) THEN\n        RAISE EXCEPTION 'an invitation names a letter that is not there, or another customer''s'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'invitation_letter_of_customer';\n    END IF;\nRETURN NULL;", hash='3ad658879652759ef5c74d781eb968e8a316c3e6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_invitation_names_what_is_there_9ea71', referencing='REFERENCING NEW TABLE AS new_rows ', table='feedback_invitation', when='AFTER')), pgtrigger.compiler.Trigger(name='invitation_still_names_what_is_there', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE ids bigint[];', func="\n    ids := ARRAY(SELECT DISTINCT interaction_id FROM new_rows WHERE interaction_id IS NOT NULL);\n    IF EXISTS (\n        WITH kept AS (\n            SELECT id, COALESCE(customer_id, 0) AS customer_id FROM customers_interaction WHERE id = ANY(ids) FOR KEY SHARE\n        )\n        SELECT FROM new_rows\n        WHERE interaction_id IS NOT NULL AND (interaction_id, customer_id) NOT IN (SELECT id, customer_id FROM kept)\n    ) THEN\n        RAISE EXCEPTION 'an invitation names a interaction that is not there, or another customer''s'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'invitation_interaction_of_customer';\n    END IF;\n\n    ids := ARRAY(SELECT DISTINCT letter_id FROM new_rows WHERE letter_id IS NOT NULL);\n    IF EXISTS (\n        WITH kept AS (\n            SELECT id, COALESCE(customer_id, 0) AS customer_id FROM customers_letter WHERE id = ANY(ids) FOR KEY SHARE\n        )\n        SELECT FROM new_rows\n        WHERE letter_id IS NOT NULL AND (letter_id, customer_id) NOT IN (SELECT id, customer_id FROM kept)\n    ) THEN\n        RAISE EXCEPTION 'an invitation names a letter that is not there, or another customer''s'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'invitation_letter_of_customer';\n    END IF;\nRETURN NULL;", hash='d81a994061854048b329b91affb0e7c840b4cbe8', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_invitation_still_names_what_is_there_e8eb6', referencing='REFERENCING NEW TABLE AS new_rows ', table='feedback_invitation', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='AnswerEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('enjoyed', models.CharField(choices=[('yes', 'Yes, I did'), ('partly', 'In part'), ('no', 'No, I did not')], max_length=8, verbose_name='answer')),
                        ('comment', models.TextField(blank=True, max_length=4000, verbose_name='comment')),
                        ('doubts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('too_soon', "Pressed within seconds of the letter's arrival"), ('all_links', 'All links were opened within seconds'), ('decoy', 'A link that people cannot see was opened'), ('not_seen', 'Pressed without having opened the page'), ('too_quick', 'Pressed within a moment of opening several links')], max_length=12), blank=True, default=list, size=None, verbose_name='doubts')),
                        ('is_counted', models.BooleanField(default=True, verbose_name='counted')),
                        ('answered_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='when')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='feedback.answer')),
                        ('invitation', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='feedback.invitation')),
                        ('conflict', models.CharField(blank=True, choices=[('elsewhere', 'It differs, and came from another place'), ('late', 'It differs, and came after the day in which an answer may be changed')], db_default='', default='', max_length=12, verbose_name='conflict')),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b39fa304338cfb3742ca1b71a4daf5f509c56d54', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_47883', table='feedback_answerevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Link',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('token_hash', models.BinaryField(max_length=32, unique=True)),
                        ('purpose', models.CharField(choices=[('answer', 'To answer'), ('stop', 'To stop being asked'), ('decoy', 'To be opened by programs alone'), ('mended', 'To say whether we put it right')], max_length=8, verbose_name='for')),
                        ('minted_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='made')),
                        ('expires_at', models.DateTimeField(verbose_name='works until')),
                        ('invitation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='feedback.invitation')),
                    ],
                    options={
                        'verbose_name': 'link',
                        'verbose_name_plural': 'links',
                        'constraints': [models.CheckConstraint(condition=models.Q(('purpose__in', ['answer', 'stop', 'decoy', 'mended'])), name='link_purpose_known')],
                    },
                ),
                migrations.CreateModel(
                    name='Recovery',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('state', models.CharField(choices=[('open', 'Open'), ('contacted', 'We have been in touch'), ('mended', 'Mended'), ('not_mended', 'Could not be mended')], default='open', max_length=12, verbose_name='state')),
                        ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='opened')),
                        ('due_at', models.DateTimeField(verbose_name='due')),
                        ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed')),
                        ('what_was_done', models.CharField(blank=True, max_length=500, verbose_name='what was done')),
                        ('answer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='recovery', to='feedback.answer')),
                        ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recoveries', to='customers.customer')),
                        ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('chased', models.PositiveSmallIntegerField(choices=[(0, 'Not yet'), (1, 'The owner knows'), (2, 'The owner was reminded'), (3, 'The owner was told that it is late'), (4, 'It went to those above')], db_default=0, default=0, verbose_name='seen to')),
                        ('escalate_at', models.DateTimeField(blank=True, null=True, verbose_name='goes further up')),
                        ('is_before_causes', models.BooleanField(db_default=False, default=False, editable=False)),
                        ('remind_at', models.DateTimeField(blank=True, null=True, verbose_name='reminder')),
                        ('times_reopened', models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='reopened')),
                        ('cause', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recoveries', to='feedback.cause', verbose_name='cause')),
                    ],
                    options={
                        'verbose_name': 'recovery',
                        'verbose_name_plural': 'recoveries',
                        'permissions': (('view_all_recoveries', "May see everybody's recoveries"),),
                        'indexes': [models.Index(condition=models.Q(('closed_at', None)), fields=['due_at'], name='recovery_open_by_due'), models.Index(condition=models.Q(('closed_at__isnull', False)), fields=['closed_at'], name='recovery_by_closing')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('state__in', ('open', 'contacted'))), models.Q(('closed_at__gte', models.F('opened_at')), ('state__in', ('mended', 'not_mended')), models.Q(('what_was_done', ''), _negated=True)), _connector='OR'), name='recovery_closed_says_what_was_done'), models.CheckConstraint(condition=models.Q(('due_at__gt', models.F('opened_at'))), name='recovery_due_after_opening'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('is_before_causes', False)), models.Q(('cause__isnull', False), ('is_before_causes', False)), models.Q(('closed_at__isnull', False), ('is_before_causes', True)), _connector='OR'), name='recovery_closed_says_its_cause'), models.CheckConstraint(condition=models.Q(('chased__in', [0, 1, 2, 3, 4])), name='recovery_chased_known')],
                        'triggers': [pgtrigger.compiler.Trigger(name='recovery_new_has_causes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."is_before_causes")', func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;", hash='6e4318f6924df84bdcfc2a16260b03c0789816cf', operation='INSERT', pgid='pgtrigger_recovery_new_has_causes_78aab', table='feedback_recovery', when='BEFORE')), pgtrigger.compiler.Trigger(name='recovery_before_causes_is_past', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."is_before_causes" AND NOT OLD."is_before_causes")', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='d4e6026490c6e75b03904fbec84e44a34c331772', operation='UPDATE', pgid='pgtrigger_recovery_before_causes_is_past_d6b7a', table='feedback_recovery', when='BEFORE')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "feedback_recoveryevent" ("answer_id", "cause_id", "chased", "closed_at", "closed_by_id", "customer_id", "due_at", "escalate_at", "id", "is_before_causes", "opened_at", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "remind_at", "state", "times_reopened", "what_was_done") VALUES (NEW."answer_id", NEW."cause_id", NEW."chased", NEW."closed_at", NEW."closed_by_id", NEW."customer_id", NEW."due_at", NEW."escalate_at", NEW."id", NEW."is_before_causes", NEW."opened_at", NEW."owner_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."remind_at", NEW."state", NEW."times_reopened", NEW."what_was_done"); RETURN NULL;', hash='7ea7fdba3e7556bcfdb523ea2808e18d651fe18c', operation='INSERT', pgid='pgtrigger_insert_insert_6e321', table='feedback_recovery', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "feedback_recoveryevent" ("answer_id", "cause_id", "chased", "closed_at", "closed_by_id", "customer_id", "due_at", "escalate_at", "id", "is_before_causes", "opened_at", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "remind_at", "state", "times_reopened", "what_was_done") VALUES (NEW."answer_id", NEW."cause_id", NEW."chased", NEW."closed_at", NEW."closed_by_id", NEW."customer_id", NEW."due_at", NEW."escalate_at", NEW."id", NEW."is_before_causes", NEW."opened_at", NEW."owner_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."remind_at", NEW."state", NEW."times_reopened", NEW."what_was_done"); RETURN NULL;', hash='1f7adefd67ef130a2c76bc29ccd58736379a2509', operation='UPDATE', pgid='pgtrigger_update_update_f58e4', table='feedback_recovery', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='RecoveryEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('state', models.CharField(choices=[('open', 'Open'), ('contacted', 'We have been in touch'), ('mended', 'Mended'), ('not_mended', 'Could not be mended')], default='open', max_length=12, verbose_name='state')),
                        ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='opened')),
                        ('due_at', models.DateTimeField(verbose_name='due')),
                        ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed')),
                        ('what_was_done', models.CharField(blank=True, max_length=500, verbose_name='what was done')),
                        ('answer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='feedback.answer')),
                        ('closed_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('customer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.customer')),
                        ('owner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='feedback.recovery')),
                        ('chased', models.PositiveSmallIntegerField(choices=[(0, 'Not yet'), (1, 'The owner knows'), (2, 'The owner was reminded'), (3, 'The owner was told that it is late'), (4, 'It went to those above')], db_default=0, default=0, verbose_name='seen to')),
                        ('escalate_at', models.DateTimeField(blank=True, null=True, verbose_name='goes further up')),
                        ('is_before_causes', models.BooleanField(db_default=False, default=False, editable=False)),
                        ('remind_at', models.DateTimeField(blank=True, null=True, verbose_name='reminder')),
                        ('times_reopened', models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='reopened')),
                        ('cause', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='feedback.cause', verbose_name='cause')),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='948f8d1bb817e3ba62fca93d3e175e077aa59c42', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_693f3', table='feedback_recoveryevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Visit',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('visited_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='when')),
                        ('method', models.CharField(max_length=8, verbose_name='method')),
                        ('hint', models.CharField(blank=True, choices=[('yes', 'Yes, I did'), ('partly', 'In part'), ('no', 'No, I did not')], max_length=8, verbose_name='answer in the link')),
                        ('fingerprint', models.CharField(blank=True, max_length=16, verbose_name='visitor')),
                        ('link', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='visits', to='feedback.link')),
                        ('after_letter', models.DurationField(blank=True, null=True, verbose_name='after the letter left')),
                        ('doubts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('too_soon', "Pressed within seconds of the letter's arrival"), ('all_links', 'All links were opened within seconds'), ('decoy', 'A link that people cannot see was opened'), ('not_seen', 'Pressed without having opened the page'), ('too_quick', 'Pressed within a moment of opening several links')], max_length=12), blank=True, default=list, size=None, verbose_name='doubts')),
                        ('has_button', models.BooleanField(db_default=False, default=False, verbose_name='by our button')),
                        ('is_again', models.BooleanField(db_default=False, default=False, verbose_name='asked once more')),
                        ('is_decoy', models.BooleanField(db_default=False, default=False, verbose_name='a link that people cannot see')),
                        ('outcome', models.CharField(blank=True, choices=[('counted', 'It counts'), ('changed', 'It changed the answer that counts'), ('same', 'It said the same once more'), ('doubtful', 'It is doubtful and does not count'), ('conflicting', 'It conflicts with the answer that counts')], db_default='', default='', max_length=12, verbose_name='what became of it')),
                    ],
                    options={
                        'verbose_name': 'visit',
                        'verbose_name_plural': 'visits',
                        'ordering': ('visited_at',),
                        'indexes': [models.Index(fields=['link', 'visited_at'], name='visit_of_link')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('outcome', ''), ('outcome__in', ['counted', 'changed', 'same', 'doubtful', 'conflicting']), _connector='OR'), name='visit_outcome_known'), models.CheckConstraint(condition=models.Q(('outcome', ''), models.Q(('has_button', True), ('is_decoy', False), ('method', 'POST'), models.Q(('hint', ''), _negated=True)), _connector='OR'), name='visit_outcome_of_a_press'), models.CheckConstraint(condition=models.Q(models.Q(('doubts__len__gt', 0), ('outcome', 'doubtful')), models.Q(models.Q(('outcome', 'doubtful'), _negated=True), ('doubts__len', 0)), _connector='OR'), name='visit_doubtful_says_why')],
                        'triggers': [pgtrigger.compiler.Trigger(name='visit_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='427c070592e19391d4d9ec40cb68ed37d7f87948', operation='UPDATE', pgid='pgtrigger_visit_append_only_b240b', table='feedback_visit', when='BEFORE')), pgtrigger.compiler.Trigger(name='visit_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='57abbffca838dcca9bae76f634159378894092f9', operation='DELETE', pgid='pgtrigger_visit_stays_21c12', table='feedback_visit', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Question',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('position', models.PositiveSmallIntegerField(verbose_name='place')),
                        ('kind', models.CharField(choices=[('choice', 'One of several answers'), ('scale', 'A number on a scale'), ('text', 'In their own words')], max_length=6, verbose_name='kind')),
                        ('text', models.JSONField(default=dict, verbose_name='question')),
                        ('after', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('yes', 'Yes, I did'), ('partly', 'In part'), ('no', 'No, I did not')], max_length=8), default=feedback.models.survey.every_answer, size=None, verbose_name='asked after')),
                        ('highest', models.PositiveSmallIntegerField(blank=True, choices=[(5, '5'), (10, '10')], null=True, verbose_name='scale up to')),
                        ('low_label', models.JSONField(blank=True, default=dict, verbose_name='lowest means')),
                        ('high_label', models.JSONField(blank=True, default=dict, verbose_name='highest means')),
                        ('survey', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='feedback.survey')),
                        ('touch_points', models.ManyToManyField(help_text='None ticked: at all of them.', related_name='+', through='feedback.QuestionTouchPoint', to='customers.touchpoint', verbose_name='touch points')),
                    ],
                    options={
                        'verbose_name': 'question',
                        'verbose_name_plural': 'questions',
                        'ordering': ('survey', 'position'),
                        'constraints': [models.UniqueConstraint(fields=('survey', 'position'), name='question_place_once'), models.CheckConstraint(condition=models.Q(('position__gte', 1), ('position__lte', 4)), name='question_four_at_most'), models.CheckConstraint(condition=models.Q(('after__contained_by', ['yes', 'partly', 'no']), ('after__len__gt', 0)), name='question_after_known'), models.CheckConstraint(condition=models.Q(models.Q(('highest__in', (5, 10)), ('highest__isnull', False), ('kind', 'scale')), models.Q(('highest', None), ('kind__in', ('choice', 'text'))), _connector='OR'), name='question_scale_has_an_end')],
                        'triggers': [pgtrigger.compiler.Trigger(name='question_of_published_is_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    -- The lock: a survey is not published while somebody is writing one of its questions.\n                    IF EXISTS (\n                        WITH locked AS (\n                            SELECT state FROM feedback_survey\n                            WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.survey_id END,\n                                         CASE WHEN TG_OP <> 'DELETE' THEN NEW.survey_id END)\n                            FOR SHARE\n                        )\n                        SELECT FROM locked WHERE state <> 'draft'\n                    ) THEN\n                        RAISE EXCEPTION 'the questions of a published survey cannot be changed'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'question_of_published_is_fixed';\n                    END IF;\n                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n                    RETURN NEW;\n                ", hash='9d2d58eb89747fb0a9c0982651ec56684768aa44', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_question_of_published_is_fixed_3302d', table='feedback_question', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Choice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('position', models.PositiveSmallIntegerField(verbose_name='place')),
                        ('text', models.JSONField(default=dict, verbose_name='answer')),
                        ('question', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='choices', to='feedback.question')),
                    ],
                    options={
                        'verbose_name': 'choice',
                        'verbose_name_plural': 'choices',
                        'ordering': ('question', 'position'),
                        'constraints': [models.UniqueConstraint(fields=('question', 'position'), name='choice_place_once'), models.CheckConstraint(condition=models.Q(('position__gte', 1), ('position__lte', 8)), name='choice_eight_at_most')],
                        'triggers': [pgtrigger.compiler.Trigger(name='choice_of_published_is_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    -- The lock: a survey is not published while somebody is writing one of its questions.\n                    IF EXISTS (\n                        WITH locked AS (\n                            SELECT state FROM feedback_survey\n                            WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN (SELECT survey_id FROM feedback_question WHERE id = OLD.question_id) END,\n                                         CASE WHEN TG_OP <> 'DELETE' THEN (SELECT survey_id FROM feedback_question WHERE id = NEW.question_id) END)\n                            FOR SHARE\n                        )\n                        SELECT FROM locked WHERE state <> 'draft'\n                    ) THEN\n                        RAISE EXCEPTION 'the questions of a published survey cannot be changed'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'choice_of_published_is_fixed';\n                    END IF;\n                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n                    RETURN NEW;\n                ", hash='f1ccfb50cd281a242c140bc37e35c11f56fac0e4', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_choice_of_published_is_fixed_03dd4', table='feedback_choice', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='QuestionTouchPoint',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('question', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scopes', to='feedback.question')),
                        ('touch_point', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.touchpoint')),
                    ],
                    options={
                        'verbose_name': 'touch point of a question',
                        'verbose_name_plural': 'touch points of questions',
                        'constraints': [models.UniqueConstraint(fields=('question', 'touch_point'), name='questiontouchpoint_once')],
                        'triggers': [pgtrigger.compiler.Trigger(name='questiontouchpoint_of_published_is_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    -- The lock: a survey is not published while somebody is writing one of its questions.\n                    IF EXISTS (\n                        WITH locked AS (\n                            SELECT state FROM feedback_survey\n                            WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN (SELECT survey_id FROM feedback_question WHERE id = OLD.question_id) END,\n                                         CASE WHEN TG_OP <> 'DELETE' THEN (SELECT survey_id FROM feedback_question WHERE id = NEW.question_id) END)\n                            FOR SHARE\n                        )\n                        SELECT FROM locked WHERE state <> 'draft'\n                    ) THEN\n                        RAISE EXCEPTION 'the questions of a published survey cannot be changed'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'questiontouchpoint_of_published_is_fixed';\n                    END IF;\n                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n                    RETURN NEW;\n                ", hash='282550240fa844bb47a6234abfb54e01be99c14e', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_questiontouchpoint_of_published_is_fixed_838a3', table='feedback_questiontouchpoint', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Reply',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='number')),
                        ('text', models.TextField(blank=True, max_length=1000, verbose_name='words')),
                        ('replied_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='when')),
                        ('answer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='replies', to='feedback.answer')),
                        ('choice', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='feedback.choice')),
                        ('question', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='replies', to='feedback.question')),
                    ],
                    options={
                        'verbose_name': 'reply',
                        'verbose_name_plural': 'replies',
                        'ordering': ('answer', 'question__position'),
                        'constraints': [models.UniqueConstraint(fields=('answer', 'question'), name='reply_once'), models.CheckConstraint(condition=models.Q(models.Q(('choice__isnull', False), ('number', None), ('text', '')), models.Q(('choice', None), ('number__isnull', False), ('text', '')), models.Q(('choice', None), ('number', None), models.Q(('text', ''), _negated=True)), _connector='OR'), name='reply_says_one_thing')],
                        'triggers': [pgtrigger.compiler.Trigger(name='reply_fits_question', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NOT EXISTS (\n                        SELECT FROM feedback_question AS question\n                        WHERE question.id = NEW.question_id AND CASE question.kind\n                            WHEN 'choice' THEN EXISTS (\n                                SELECT FROM feedback_choice\n                                WHERE id = NEW.choice_id AND question_id = NEW.question_id)\n                            WHEN 'scale' THEN\n                                NEW.number BETWEEN CASE question.highest WHEN 10 THEN 0 ELSE 1 END\n                                           AND question.highest\n                            ELSE NEW.text <> '' END\n                    ) THEN\n                        RAISE EXCEPTION 'the reply does not fit its question'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'reply_fits_question';\n                    END IF;\n                    RETURN NEW;\n                ", hash='5ffe9078469b248c209dcbac7d50e42f198f3c0a', operation='INSERT OR UPDATE', pgid='pgtrigger_reply_fits_question_b05bc', table='feedback_reply', when='BEFORE')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "feedback_replyevent" ("answer_id", "choice_id", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "question_id", "replied_at", "text") VALUES (NEW."answer_id", NEW."choice_id", NEW."id", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."question_id", NEW."replied_at", NEW."text"); RETURN NULL;', hash='88e860a2df0f602ebadb8c4de51835364ddbffe6', operation='INSERT', pgid='pgtrigger_insert_insert_d2ad6', table='feedback_reply', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "feedback_replyevent" ("answer_id", "choice_id", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "question_id", "replied_at", "text") VALUES (NEW."answer_id", NEW."choice_id", NEW."id", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."question_id", NEW."replied_at", NEW."text"); RETURN NULL;', hash='89aef75b3f9509b312f4fe8149285150deea056f', operation='UPDATE', pgid='pgtrigger_update_update_27a15', table='feedback_reply', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "feedback_replyevent" ("answer_id", "choice_id", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "question_id", "replied_at", "text") VALUES (OLD."answer_id", OLD."choice_id", OLD."id", OLD."number", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."question_id", OLD."replied_at", OLD."text"); RETURN NULL;', hash='2990592e92833b98e78253419e56aa2fa523ce2e', operation='DELETE', pgid='pgtrigger_delete_delete_af20b', table='feedback_reply', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='ReplyEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('number', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='number')),
                        ('text', models.TextField(blank=True, max_length=1000, verbose_name='words')),
                        ('replied_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='when')),
                        ('answer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='feedback.answer')),
                        ('choice', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='feedback.choice')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='feedback.reply')),
                        ('question', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='feedback.question')),
                    ],
                    options={
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d9f63dd34e29d12013f38d838345cff4b0511952', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_2a30d', table='feedback_replyevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Survey',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('version', models.PositiveIntegerField(unique=True, verbose_name='version')),
                        ('name', models.CharField(help_text='For colleagues; customers never see it.', max_length=120, verbose_name='name')),
                        ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('retired', 'Retired')], default='draft', max_length=10, verbose_name='state')),
                        ('is_for_all', models.BooleanField(default=True, help_text='Except those that have a survey of their own.', verbose_name='for all touch points')),
                        ('names_agent', models.BooleanField(default=False, help_text='The letter and the page say who looked after the customer.', verbose_name='name the colleague')),
                        ('thanks_yes', models.JSONField(blank=True, default=dict, verbose_name='thank-you after yes')),
                        ('thanks_partly', models.JSONField(blank=True, default=dict, verbose_name='thank-you after in part')),
                        ('thanks_no', models.JSONField(blank=True, default=dict, verbose_name='thank-you after no')),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='written')),
                        ('published_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='published')),
                        ('retired_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='retired')),
                        ('published_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('touch_points', models.ManyToManyField(related_name='surveys', through='feedback.SurveyTouchPoint', to='customers.touchpoint', verbose_name='touch points')),
                    ],
                    options={
                        'verbose_name': 'survey',
                        'verbose_name_plural': 'surveys',
                        'ordering': ('-version',),
                        'constraints': [models.UniqueConstraint(condition=models.Q(('is_for_all', True), ('state', 'published')), fields=('state',), name='survey_one_published_for_all', violation_error_message='Another survey for all touch points is published.'), models.CheckConstraint(condition=models.Q(models.Q(('published_at', None), ('retired_at', None), ('state', 'draft')), models.Q(('published_at__isnull', False), ('retired_at', None), ('state', 'published')), models.Q(('published_at__isnull', False), ('retired_at__gte', models.F('published_at')), ('retired_at__isnull', False), ('state', 'retired')), _connector='OR'), name='survey_times_fit_state')],
                        'triggers': [pgtrigger.compiler.Trigger(name='survey_published_is_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state <> 'draft')", func="\n                    -- It may retire, and the colleague who published it may leave.\n                    IF TG_OP = 'UPDATE'\n                       AND to_jsonb(OLD) - '{state,retired_at,published_by_id}'::text[]\n                           = to_jsonb(NEW) - '{state,retired_at,published_by_id}'::text[]\n                       AND (NEW.published_by_id IS NULL OR NEW.published_by_id = OLD.published_by_id)\n                       AND ((OLD.state, OLD.retired_at) IS NOT DISTINCT FROM (NEW.state, NEW.retired_at)\n                            OR (OLD.state = 'published' AND NEW.state = 'retired')) THEN\n                        RETURN NEW;\n                    END IF;\n                    RAISE EXCEPTION 'a published survey cannot be changed'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'survey_published_is_fixed';\n                ", hash='a0bda6029aaa0dae986a930c033b8212a1de8ee1', operation='UPDATE OR DELETE', pgid='pgtrigger_survey_published_is_fixed_3ad39', table='feedback_survey', when='BEFORE')), pgtrigger.compiler.Trigger(name='survey_tells_its_touch_points', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.state <> NEW.state)', func="\n                    -- The trigger there takes the survey's state over.\n                    UPDATE feedback_surveytouchpoint SET is_published = (NEW.state = 'published')\n                    WHERE survey_id = NEW.id;\n                    RETURN NULL;\n                ", hash='c96a5776ac9d1bcd4b975a1c9a746d1c67d6ccc2', operation='UPDATE OF "state"', pgid='pgtrigger_survey_tells_its_touch_points_da49a', table='feedback_survey', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='SurveyTouchPoint',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('is_published', models.BooleanField(default=False, editable=False)),
                        ('survey', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scopes', to='feedback.survey')),
                        ('touch_point', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.touchpoint')),
                    ],
                    options={
                        'verbose_name': 'touch point of a survey',
                        'verbose_name_plural': 'touch points of surveys',
                        'constraints': [models.UniqueConstraint(fields=('survey', 'touch_point'), name='surveytouchpoint_once'), models.UniqueConstraint(condition=models.Q(('is_published', True)), fields=('touch_point',), name='surveytouchpoint_one_published', violation_error_message='Another survey is published for this touch point.')],
                        'triggers': [pgtrigger.compiler.Trigger(name='surveytouchpoint_follows_survey', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE its text;', func="\n                    SELECT state INTO its FROM feedback_survey\n                    WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.survey_id ELSE NEW.survey_id END FOR SHARE;\n                    IF its <> 'draft' AND (TG_OP <> 'UPDATE'\n                       OR (OLD.survey_id, OLD.touch_point_id) <> (NEW.survey_id, NEW.touch_point_id)) THEN\n                        RAISE EXCEPTION 'the touch points of a published survey cannot be changed'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'surveytouchpoint_follows_survey';\n                    END IF;\n                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n                    NEW.is_published := its = 'published';\n                    RETURN NEW;\n                ", hash='eeb77eaa8e797ac67b4d49124179cb784fa95828', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_surveytouchpoint_follows_survey_d7a61', table='feedback_surveytouchpoint', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Cause',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=60, verbose_name='name')),
                        ('incident_kind', models.CharField(blank=True, choices=[('late', 'Late'), ('broken', 'Broken on arrival'), ('returned', 'Sent back'), ('wrong_bill', 'Wrong bill'), ('waiting', 'Kept waiting'), ('courtesy', 'Not courteous'), ('mix_up', 'Mix-up'), ('digital', 'Website or app'), ('other', 'Something else')], help_text='Incidents of this kind and amends for this cause are counted together.', max_length=12, verbose_name='counts with incidents')),
                        ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                        ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='feedback.cause', verbose_name='part of')),
                    ],
                    options={
                        'verbose_name': 'cause',
                        'verbose_name_plural': 'causes',
                        'ordering': ('name',),
                        'constraints': [models.UniqueConstraint(fields=('parent', 'name'), name='cause_once_among_siblings', nulls_distinct=False, violation_error_message='There is a cause of this name here already.'), models.UniqueConstraint(condition=models.Q(('incident_kind', ''), _negated=True), fields=('incident_kind',), name='cause_one_per_incident_kind', violation_error_message='Another cause counts with these incidents already.'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='cause_has_a_name')],
                        'triggers': [pgtrigger.compiler.Trigger(name='cause_is_a_small_tree', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE above int; below int; rounds int;', func="\n    PERFORM pg_advisory_xact_lock(hashtext('feedback_cause'));\n    WITH RECURSIVE up (id, parent_id, level) AS (\n        SELECT id, parent_id, 1 FROM feedback_cause WHERE id = NEW.id\n        UNION ALL\n        SELECT c.id, c.parent_id, level + 1 FROM feedback_cause c JOIN up ON c.id = up.parent_id WHERE level <= 3\n    ) SELECT max(level), count(*) FILTER (WHERE id = NEW.id AND level > 1) INTO above, rounds FROM up;\n    IF rounds > 0 THEN\n        RAISE EXCEPTION 'a cause cannot stand below itself'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'cause_no_circle';\n    END IF;\n    WITH RECURSIVE down (id, level) AS (\n        SELECT NEW.id, 0\n        UNION ALL\n        SELECT c.id, level + 1 FROM feedback_cause c JOIN down ON c.parent_id = down.id WHERE level <= 3\n    ) SELECT max(level) INTO below FROM down;\n    IF above + below > 3 THEN\n        RAISE EXCEPTION 'causes stand at most 3 deep'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'cause_at_most_three_deep';\n    END IF;\n    RETURN NULL;\n", hash='4337a25fcd67187eb4d5dc9187879062d6549362', operation='INSERT OR UPDATE', pgid='pgtrigger_cause_is_a_small_tree_57b78', table='feedback_cause', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='Holiday',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('on', models.DateField(unique=True, verbose_name='day')),
                        ('name', models.CharField(max_length=80, verbose_name='name')),
                    ],
                    options={
                        'verbose_name': 'holiday',
                        'verbose_name_plural': 'holidays',
                        'ordering': ('on',),
                        'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='holiday_has_a_name')],
                    },
                ),
                migrations.CreateModel(
                    name='MendingRules',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('includes_partly', models.BooleanField(default=False, help_text='A plain no always does, and so does a plea for help.', verbose_name='“in part” opens one too')),
                        ('remind_hours', models.PositiveSmallIntegerField(default=4, help_text='Working hours before it is due; 0 does not remind.', verbose_name='remind, hours before')),
                        ('escalate_hours', models.PositiveSmallIntegerField(default=4, help_text='Working hours after it was due.', verbose_name='take further up, hours after')),
                        ('ask_days', models.PositiveSmallIntegerField(default=7, help_text='Days after it was mended; 0 does not ask.', validators=[django.core.validators.MaxValueValidator(90)], verbose_name='ask whether we put it right, days after')),
                    ],
                    options={
                        'verbose_name': 'rules for mending',
                        'verbose_name_plural': 'rules for mending',
                        'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='mendingrules_one_row'), models.CheckConstraint(condition=models.Q(('ask_days__lte', 90)), name='mendingrules_ask_within_90_days')],
                    },
                ),
                migrations.CreateModel(
                    name='NamedOwner',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='looked after by')),
                        ('tier', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='named_owner', to='tiers.tier', verbose_name='tier')),
                    ],
                    options={
                        'verbose_name': 'named person',
                        'verbose_name_plural': 'named persons',
                    },
                ),
                migrations.CreateModel(
                    name='PreventionAction',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('what_will_change', models.CharField(max_length=300, verbose_name='what will change')),
                        ('base', models.CharField(choices=[('contacts', 'contacts there'), ('orders', 'orders of the house')], default='contacts', max_length=10, verbose_name='counted by')),
                        ('due_on', models.DateField(verbose_name='done by')),
                        ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='opened')),
                        ('started_on', models.DateField(blank=True, null=True, verbose_name='begun')),
                        ('done_on', models.DateField(blank=True, null=True, verbose_name='done')),
                        ('cause', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='actions', to='feedback.cause', verbose_name='against')),
                        ('opened_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='seen to by')),
                        ('touch_point', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.touchpoint', verbose_name='where')),
                    ],
                    options={
                        'verbose_name': 'prevention',
                        'verbose_name_plural': 'prevention',
                        'ordering': (models.OrderBy(models.F('done_on'), descending=True, nulls_first=True), 'due_on', 'pk'),
                        'constraints': [models.CheckConstraint(condition=models.Q(('what_will_change', ''), _negated=True), name='preventionaction_says_what_changes'), models.CheckConstraint(condition=models.Q(('base__in', ['contacts', 'orders'])), name='preventionaction_base_known'), models.CheckConstraint(condition=models.Q(('done_on', None), models.Q(('done_on__gte', models.F('started_on')), ('started_on__isnull', False)), _connector='OR'), name='preventionaction_done_after_begun')],
                    },
                ),
                migrations.CreateModel(
                    name='PutRight',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('not_asked', models.CharField(blank=True, choices=[('no_address', 'We have no email address'), ('no_consent', 'They asked not to be asked'), ('suppressed', 'We do not write to their address'), ('incident', 'Something is still wrong'), ('recovery', 'We are still mending an earlier answer'), ('too_often', 'They were asked not long ago'), ('too_late', 'The contact was too long ago'), ('by_itself', 'The contact closed by itself'), ('channel', 'We do not ask about this channel'), ('touch_point', 'We do not ask about this touch point'), ('budget', 'Others were asked')], max_length=12, verbose_name='why not')),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='when')),
                        ('said', models.CharField(blank=True, choices=[('yes', 'Yes, you did'), ('no', 'No, not yet')], max_length=3, verbose_name='did we put it right?')),
                        ('words', models.TextField(blank=True, max_length=4000, verbose_name='their words')),
                        ('said_at', models.DateTimeField(blank=True, null=True, verbose_name='said')),
                        ('letter', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='put_right', to='customers.letter')),
                        ('recovery', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='put_right', to='feedback.recovery')),
                    ],
                    options={
                        'verbose_name': 'did we put it right?',
                        'verbose_name_plural': 'did we put it right?',
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('letter__isnull', False), ('not_asked', '')), models.Q(('letter', None), models.Q(('not_asked', ''), _negated=True)), _connector='OR'), name='putright_letter_or_reason'), models.CheckConstraint(condition=models.Q(models.Q(('said', ''), ('said_at', None)), models.Q(('said__in', ['yes', 'no']), ('said_at__isnull', False)), _connector='OR'), name='putright_said_has_a_time')],
                    },
                ),
                migrations.CreateModel(
                    name='RecoveryStep',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('step', models.CharField(choices=[('opened', 'Opened'), ('told', 'Told'), ('contacted', 'We were in touch'), ('handed_over', 'Handed over'), ('reminded', 'Reminded'), ('late', 'Told that it is late'), ('escalated', 'Taken further up'), ('mended', 'Mended'), ('not_mended', 'Could not be mended'), ('wrote', 'We wrote to them'), ('asked', 'We asked whether we put it right'), ('put_right', 'They say that we put it right'), ('reopened', 'They say that we did not put it right')], max_length=12, verbose_name='what')),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='when')),
                        ('words', models.TextField(blank=True, max_length=4000, verbose_name='in words')),
                        ('by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                        ('cause', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='feedback.cause', verbose_name='cause')),
                        ('recovery', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='feedback.recovery')),
                        ('to', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='to')),
                    ],
                    options={
                        'verbose_name': 'step',
                        'verbose_name_plural': 'steps',
                        'ordering': ('at', 'pk'),
                        'indexes': [models.Index(fields=['recovery', 'at'], name='recoverystep_of_recovery')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('step__in', ['opened', 'told', 'contacted', 'handed_over', 'reminded', 'late', 'escalated', 'mended', 'not_mended', 'wrote', 'asked', 'put_right', 'reopened'])), name='recoverystep_known')],
                        'triggers': [pgtrigger.compiler.Trigger(name='recoverystep_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e0fdfa332cf5df035726c517c1c59b51c38022c3', operation='UPDATE OR DELETE', pgid='pgtrigger_recoverystep_append_only_f1a94', table='feedback_recoverystep', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='WorkingHours',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('weekday', models.PositiveSmallIntegerField(choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')], unique=True, verbose_name='day')),
                        ('opens_at', models.TimeField(default=datetime.time(9, 0), verbose_name='from')),
                        ('closes_at', models.TimeField(default=datetime.time(18, 0), help_text='Midnight stands for the end of the day.', verbose_name='to')),
                    ],
                    options={
                        'verbose_name': 'working hours',
                        'verbose_name_plural': 'working hours',
                        'ordering': ('weekday',),
                        'constraints': [models.CheckConstraint(condition=models.Q(('weekday__in', [0, 1, 2, 3, 4, 5, 6])), name='workinghours_weekday_known'), models.CheckConstraint(condition=models.Q(('closes_at__gt', models.F('opens_at')), ('closes_at', datetime.time(0, 0)), _connector='OR'), name='workinghours_close_after_opening', violation_error_message='The day should end after it begins.')],
                    },
                ),
                migrations.CreateModel(
                    name='CommentTone',
                    fields=[
                        ('answer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='tone', serialize=False, to='feedback.answer')),
                        ('tone', models.CharField(choices=[('pleased', 'Sounds pleased'), ('displeased', 'Sounds displeased'), ('neither', 'Sounds neither pleased nor displeased'), ('unknown', 'Tone unknown')], max_length=12, verbose_name='sounds')),
                        ('told_by', models.CharField(help_text='The program, with its version.', max_length=40, verbose_name='told by')),
                        ('told_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='when')),
                    ],
                    options={
                        'verbose_name': 'tone of a comment',
                        'verbose_name_plural': 'tones of comments',
                        'constraints': [models.CheckConstraint(condition=models.Q(('tone__in', ['pleased', 'displeased', 'neither', 'unknown'])), name='commenttone_known'), models.CheckConstraint(condition=models.Q(('told_by', ''), _negated=True), name='commenttone_says_by_what')],
                    },
                ),
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
                        'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='gesturekind_has_a_name'), models.CheckConstraint(condition=models.Q(('confirming__in', ['never', 'service', 'treat'])), name='gesturekind_confirming_known'), models.CheckConstraint(condition=models.Q(('confirming', 'never'), models.Q(('words', {}), _negated=True), _connector='OR'), name='gesturekind_letter_has_words', violation_error_message='The letter needs a sentence. Write one, or choose no letter.'), models.CheckConstraint(condition=models.Q(('highest_cost__gte', models.F('usual_cost')), ('usual_cost__gte', 0)), name='gesturekind_costs_in_order', violation_error_message='The highest cost cannot be below the usual one, nor a cost below zero.')],
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
                        'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['lapses_at'], name='gesturerequest_open')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('answered_by', None), ('gesture', None), ('state', 'open')), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), ('gesture__isnull', False), ('state', 'granted')), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), ('gesture', None), ('state__in', ('declined', 'withdrawn'))), models.Q(('answered_at__isnull', False), ('answered_by', None), ('gesture', None), ('state', 'lapsed')), _connector='OR'), name='gesturerequest_answer_fits_state'), models.CheckConstraint(condition=models.Q(('answered_by', None), models.Q(('state', 'withdrawn'), ('answered_by', models.F('agent'))), models.Q(models.Q(('state', 'withdrawn'), _negated=True), models.Q(('answered_by', models.F('agent')), _negated=True)), _connector='OR'), name='gesturerequest_nobody_answers_themselves'), models.CheckConstraint(condition=models.Q(('cost__gte', 0)), name='gesturerequest_cost_not_negative'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='gesturerequest_says_what_for'), models.CheckConstraint(condition=models.Q(('lapses_at__gt', models.F('asked_at'))), name='gesturerequest_lapses_later'), models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('customer', 'kind'), name='gesturerequest_one_open')],
                        'triggers': [pgtrigger.compiler.Trigger(name='gesturerequest_answered_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state <> 'open')", func="\n                    -- It may become another customer's, who is the same person.\n                    IF to_jsonb(OLD) - 'customer_id' = to_jsonb(NEW) - 'customer_id' THEN\n                        RETURN NEW;\n                    END IF;\n                    RAISE EXCEPTION 'a request that is answered stays as it is'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'gesturerequest_answered_stays';\n                ", hash='c8997db8c412a3bd871f65afb4e1397154f4ce58', operation='UPDATE', pgid='pgtrigger_gesturerequest_answered_stays_585a4', table='feedback_gesturerequest', when='BEFORE'))],
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
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(models.Q(('role', ''), _negated=True), ('person', None), ('tier', None)), models.Q(('person__isnull', False), ('role', ''), ('tier', None)), models.Q(('person', None), ('role', '')), _connector='OR'), name='givingallowance_for_one', violation_error_message='Choose a role, a colleague or a tier; with none it is for the whole house.'), models.CheckConstraint(condition=models.Q(models.Q(('per_gesture', None), ('person', None), ('role', '')), models.Q(models.Q(models.Q(('role', ''), _negated=True), ('person__isnull', False), _connector='OR'), ('per_gesture__isnull', False)), _connector='OR'), name='givingallowance_gesture_by_whom', violation_error_message='Say how much for one gesture for a role or a colleague, and only for them.'), models.CheckConstraint(condition=models.Q(models.Q(('per_gesture', None), ('per_gesture__gte', 0), _connector='OR'), ('per_month__gte', 0)), name='givingallowance_not_negative', violation_error_message='An amount cannot be below zero.'), models.UniqueConstraint(fields=('role', 'person', 'tier'), name='givingallowance_once', nulls_distinct=False, violation_error_message='There is an amount for them already.')],
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
                        'constraints': [models.UniqueConstraint(fields=('month', 'agent', 'tier'), name='givingmonth_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('month__day', 1)), name='givingmonth_begins_on_the_first'), models.CheckConstraint(condition=models.Q(('agent', None), ('tier', None), _connector='OR'), name='givingmonth_of_one'), models.CheckConstraint(condition=models.Q(('agent', None), ('allowed__isnull', False), _connector='OR'), name='givingmonth_agent_has_a_limit'), models.CheckConstraint(condition=models.Q(('spent__gte', 0)), name='givingmonth_spent_not_negative'), models.CheckConstraint(condition=models.Q(('allowed', None), ('spent__lte', models.F('allowed')), _connector='OR'), name='givingmonth_never_overspent')],
                        'triggers': [pgtrigger.compiler.Trigger(name='givingmonth_spent_is_the_ledgers', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE total numeric;', func="\n    IF NEW.agent_id IS NOT NULL THEN\n        SELECT COALESCE(sum(amount), 0) INTO total FROM feedback_givingentry WHERE agent_month_id = NEW.id;\n    ELSIF NEW.tier_id IS NOT NULL THEN\n        SELECT COALESCE(sum(amount), 0) INTO total FROM feedback_givingentry WHERE tier_month_id = NEW.id;\n    ELSE\n        SELECT COALESCE(sum(amount), 0) INTO total FROM feedback_givingentry WHERE house_month_id = NEW.id;\n    END IF;\n    IF NEW.spent <> total THEN\n        RAISE EXCEPTION 'what is spent is what the ledger says'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'givingmonth_spent_is_the_ledgers';\n    END IF;\n    RETURN NEW;\n", hash='c9bd2a1c972e6bdcbc8cb7f3c0625792e25a4b51', operation='INSERT OR UPDATE OF "spent"', pgid='pgtrigger_givingmonth_spent_is_the_ledgers_e1ff6', table='feedback_givingmonth', when='BEFORE'))],
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
                        'constraints': [models.UniqueConstraint(fields=('gesture', 'entry'), name='givingentry_once'), models.CheckConstraint(condition=models.Q(models.Q(('amount__gte', 0), ('entry', 'given')), models.Q(('amount__lte', 0), ('entry', 'taken_back')), _connector='OR'), name='givingentry_sign_fits')],
                        'triggers': [pgtrigger.compiler.Trigger(name='givingentry_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='6ea6a8d25a1e045ca5df93e19f456bd1548708f6', operation='UPDATE OR DELETE', pgid='pgtrigger_givingentry_append_only_5c2bb', table='feedback_givingentry', when='BEFORE')), pgtrigger.compiler.Trigger(name='givingentry_fits', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE fitting int; months int;', func="\n    SELECT count(*) FILTER (\n        WHERE (id = NEW.agent_month_id AND agent_id IS NOT NULL)\n           OR (id = NEW.house_month_id AND agent_id IS NULL AND tier_id IS NULL)\n           OR (id = NEW.tier_month_id AND tier_id IS NOT NULL)\n    ), count(DISTINCT month) INTO fitting, months\n    FROM feedback_givingmonth WHERE id IN (NEW.agent_month_id, NEW.house_month_id, NEW.tier_month_id);\n    IF months <> 1 OR fitting <> 2 + (NEW.tier_month_id IS NOT NULL)::int THEN\n        RAISE EXCEPTION 'an entry is of one month, of an agent, the house and a tier'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'givingentry_months_agree';\n    END IF;\n    IF NEW.entry = 'taken_back' AND NOT EXISTS (\n        SELECT FROM feedback_givingentry WHERE gesture_id = NEW.gesture_id AND entry = 'given'\n          AND (amount, kind_id, agent_month_id, house_month_id) =\n              (-NEW.amount, NEW.kind_id, NEW.agent_month_id, NEW.house_month_id)\n          AND tier_month_id IS NOT DISTINCT FROM NEW.tier_month_id\n    ) THEN\n        RAISE EXCEPTION 'what is taken back was given, as it was given'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'givingentry_mirrors_what_was_given';\n    END IF;\n    RETURN NEW;\n", hash='44d775dbafa77b4fb5c17c62359f1a88884483a6', operation='INSERT', pgid='pgtrigger_givingentry_fits_144fc', table='feedback_givingentry', when='BEFORE')), pgtrigger.compiler.Trigger(name='givingentry_counts', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n    -- In one order, so that two entries never wait for each other in a circle.\n    PERFORM FROM feedback_givingmonth WHERE id IN (NEW.agent_month_id, NEW.house_month_id, NEW.tier_month_id)\n        ORDER BY id FOR NO KEY UPDATE;\n    UPDATE feedback_givingmonth SET spent = spent + NEW.amount\n        WHERE id IN (NEW.agent_month_id, NEW.house_month_id, NEW.tier_month_id);\n    RETURN NULL;\n', hash='3010b7c250f9214d01ae11f9944640a52658b572', operation='INSERT', pgid='pgtrigger_givingentry_counts_e42db', table='feedback_givingentry', when='AFTER'))],
                    },
                ),
            ],
        ),
        # The other side of feedback.models.naming: what an invitation names stays, and stays its customer's. As with a
        # foreign key, the end of the transaction counts.
        migrations.RunSQL(KEPT, LET_GO),
    ]
