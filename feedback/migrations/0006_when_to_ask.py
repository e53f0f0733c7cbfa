"""When to ask: rules, waiting, chance, reminders. Checks are added first and look at old rows last."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

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

    dependencies = [
        ('customers', '0006_closed_itself'),
        ('feedback', '0005_insight'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='invitation',
            name='invitation_letter_or_reason',
        ),
        migrations.AddField(
            model_name='askingrules',
            name='asks_if_closed_itself',
            field=models.BooleanField(db_default=False, default=False, help_text='A chat that ran out, a call that rang out: usually there was nothing to enjoy.', verbose_name='ask about contacts that closed by themselves'),
        ),
        migrations.AddField(
            model_name='askingrules',
            name='budget',
            field=models.PositiveIntegerField(db_default=0, default=0, help_text='How many customers are asked in a day or a week. Where more could be, every tier, touch point and channel has its turn. 0: no limit.', verbose_name='letters at most'),
        ),
        migrations.AddField(
            model_name='askingrules',
            name='budget_per',
            field=models.CharField(choices=[('day', 'a day'), ('week', 'a week')], db_default='day', default='day', max_length=4, verbose_name='in'),
        ),
        migrations.AddField(
            model_name='askingrules',
            name='channels_left_out',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('phone', 'Phone'), ('chat', 'Chat'), ('email', 'Email'), ('visit', 'Visit'), ('video', 'Video'), ('web', 'Web')], max_length=10), blank=True, db_default=[], default=list, help_text='Nobody is asked about contacts on these.', size=None, verbose_name='channels left out'),
        ),
        migrations.AddField(
            model_name='askingrules',
            name='mending_days',
            field=models.PositiveSmallIntegerField(db_default=14, default=14, help_text='Nobody is asked while something is wrong. Where it is put right within this many days of the contact, we ask about it then. 0: we do not ask about it.', verbose_name='days to wait for mending'),
        ),
        migrations.AddField(
            model_name='askingrules',
            name='quiet_from',
            field=models.TimeField(blank=True, help_text="By the customer's own clock. A letter that is due in these hours waits until they are over.", null=True, verbose_name='quiet from'),
        ),
        migrations.AddField(
            model_name='askingrules',
            name='quiet_until',
            field=models.TimeField(blank=True, null=True, verbose_name='quiet until'),
        ),
        migrations.AddField(
            model_name='askingrules',
            name='reminder_days',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text='Who has not answered by then gets one reminder, never a second. 0: nobody is reminded.', verbose_name='days until a reminder'),
        ),
        migrations.AddField(
            model_name='askingrules',
            name='touch_points_left_out',
            field=models.ManyToManyField(blank=True, help_text='Nobody is asked about contacts here.', related_name='+', to='customers.touchpoint', verbose_name='touch points left out'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='after_mending',
            field=models.BooleanField(db_default=False, default=False, help_text='Something was wrong for the customer, and was put right before we asked.', verbose_name='after mending'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='chance',
            field=models.FloatField(blank=True, help_text='The share of contacts like this one that was chosen, 0 to 1. An answer speaks for 1 ÷ chance of them.', null=True, verbose_name='chance'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='look_again_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='looked at again'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='reminder',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reminded', to='customers.letter', verbose_name='reminder'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='settled_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='settled after waiting'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='waits_for',
            field=models.CharField(blank=True, choices=[('incident', 'Until what went wrong is put right'), ('recovery', 'Until an earlier answer is mended'), ('budget', 'For its turn')], db_default='', default='', max_length=12, verbose_name='waits for'),
        ),
        migrations.AlterField(
            model_name='invitation',
            name='customer',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='customers.customer'),
        ),
        migrations.AlterField(
            model_name='invitation',
            name='interaction',
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='invitation', to='customers.interaction'),
        ),
        migrations.AlterField(
            model_name='invitation',
            name='letter',
            field=models.OneToOneField(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invitation', to='customers.letter'),
        ),
        migrations.AlterField(
            model_name='invitation',
            name='not_asked',
            field=models.CharField(blank=True, choices=[('no_address', 'We have no email address'), ('no_consent', 'They asked not to be asked'), ('suppressed', 'We do not write to their address'), ('incident', 'Something is still wrong'), ('recovery', 'We are still mending an earlier answer'), ('too_often', 'They were asked not long ago'), ('too_late', 'The contact was too long ago'), ('by_itself', 'The contact closed by itself'), ('channel', 'We do not ask about this channel'), ('touch_point', 'We do not ask about this touch point'), ('budget', 'Others were asked')], max_length=12, verbose_name='why not'),
        ),
        migrations.AddIndex(
            model_name='invitation',
            index=models.Index(condition=models.Q(('waits_for', ''), _negated=True), fields=['look_again_at'], name='invitation_waiting'),
        ),
        migrations.AddIndex(
            model_name='invitation',
            index=models.Index(condition=models.Q(('settled_at__isnull', False)), fields=['settled_at'], name='invitation_settled'),
        ),
        migrations.AddIndex(
            model_name='invitation',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['created_at'], name='invitation_by_day', pages_per_range=32),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invitation',
            trigger=pgtrigger.compiler.Trigger(name='invitation_names_what_is_there', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE ids bigint[];', func="\n    ids := ARRAY(SELECT DISTINCT interaction_id FROM new_rows WHERE interaction_id IS NOT NULL);\n    IF EXISTS (\n        WITH kept AS (\n            SELECT id, COALESCE(customer_id, 0) AS customer_id FROM customers_interaction WHERE id = ANY(ids) FOR KEY SHARE\n        )\n        SELECT FROM new_rows\n        WHERE interaction_id IS NOT NULL AND (interaction_id, customer_id) NOT IN (SELECT id, customer_id FROM kept)\n    ) THEN\n        RAISE EXCEPTION 'an invitation names a interaction that is not there, or another customer''s'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'invitation_interaction_of_customer';\n    END IF;\n\n    ids := ARRAY(SELECT DISTINCT letter_id FROM new_rows WHERE letter_id IS NOT NULL);\n    IF EXISTS (\n        WITH kept AS (\n            SELECT id, COALESCE(customer_id, 0) AS customer_id FROM customers_letter WHERE id = ANY(ids) FOR KEY SHARE\n        )\n        SELECT FROM new_rows\n        WHERE letter_id IS NOT NULL AND (letter_id, customer_id) NOT IN (SELECT id, customer_id FROM kept)\n    ) THEN\n        RAISE EXCEPTION 'an invitation names a letter that is not there, or another customer''s'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'invitation_letter_of_customer';\n    END IF;\nRETURN NULL;", hash='3ad658879652759ef5c74d781eb968e8a316c3e6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_invitation_names_what_is_there_9ea71', referencing='REFERENCING NEW TABLE AS new_rows ', table='feedback_invitation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invitation',
            trigger=pgtrigger.compiler.Trigger(name='invitation_still_names_what_is_there', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE ids bigint[];', func="\n    ids := ARRAY(SELECT DISTINCT interaction_id FROM new_rows WHERE interaction_id IS NOT NULL);\n    IF EXISTS (\n        WITH kept AS (\n            SELECT id, COALESCE(customer_id, 0) AS customer_id FROM customers_interaction WHERE id = ANY(ids) FOR KEY SHARE\n        )\n        SELECT FROM new_rows\n        WHERE interaction_id IS NOT NULL AND (interaction_id, customer_id) NOT IN (SELECT id, customer_id FROM kept)\n    ) THEN\n        RAISE EXCEPTION 'an invitation names a interaction that is not there, or another customer''s'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'invitation_interaction_of_customer';\n    END IF;\n\n    ids := ARRAY(SELECT DISTINCT letter_id FROM new_rows WHERE letter_id IS NOT NULL);\n    IF EXISTS (\n        WITH kept AS (\n            SELECT id, COALESCE(customer_id, 0) AS customer_id FROM customers_letter WHERE id = ANY(ids) FOR KEY SHARE\n        )\n        SELECT FROM new_rows\n        WHERE letter_id IS NOT NULL AND (letter_id, customer_id) NOT IN (SELECT id, customer_id FROM kept)\n    ) THEN\n        RAISE EXCEPTION 'an invitation names a letter that is not there, or another customer''s'\n            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'invitation_letter_of_customer';\n    END IF;\nRETURN NULL;", hash='d81a994061854048b329b91affb0e7c840b4cbe8', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_invitation_still_names_what_is_there_e8eb6', referencing='REFERENCING NEW TABLE AS new_rows ', table='feedback_invitation', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='askingrules',
            constraint=models.CheckConstraint(condition=models.Q(('channels_left_out__contained_by', ['phone', 'chat', 'email', 'visit', 'video', 'web'])), name='askingrules_channels_known'),
        ),
        migrations.AddConstraint(
            model_name='askingrules',
            constraint=models.CheckConstraint(condition=models.Q(('budget_per__in', ['day', 'week'])), name='askingrules_budget_per_known'),
        ),
        migrations.AddConstraint(
            model_name='askingrules',
            constraint=models.CheckConstraint(condition=models.Q(('reminder_days', 0), ('reminder_days__lt', models.F('answer_days')), _connector='OR'), name='askingrules_reminder_while_links_work', violation_error_message='A reminder must leave while the links still work.'),
        ),
        migrations.AddConstraint(
            model_name='askingrules',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('quiet_from', None), ('quiet_until', None)), models.Q(('quiet_from__isnull', False), ('quiet_until__isnull', False), models.Q(('quiet_from', models.F('quiet_until')), _negated=True)), _connector='OR'), name='askingrules_quiet_hours_both', violation_error_message='Quiet hours need both times, and two different ones.'),
        ),
        django.contrib.postgres.operations.AddConstraintNotValid(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('letter__isnull', False), ('look_again_at', None), ('not_asked', ''), ('waits_for', '')), models.Q(('letter', None), ('look_again_at', None), ('waits_for', ''), models.Q(('not_asked', ''), _negated=True)), models.Q(('letter', None), ('look_again_at__isnull', False), ('not_asked', ''), ('settled_at', None), ('waits_for__in', ['incident', 'recovery', 'budget'])), _connector='OR'), name='invitation_letter_reason_or_wait'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(condition=models.Q(('reminder__isnull', False)), fields=('reminder',), name='invitation_reminder_of_one'),
        ),
        django.contrib.postgres.operations.AddConstraintNotValid(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('reminder', None), ('letter__isnull', False), _connector='OR'), name='invitation_reminder_follows_letter'),
        ),
        django.contrib.postgres.operations.AddConstraintNotValid(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('chance', None), models.Q(('chance__gte', 0), ('chance__lte', 1)), _connector='OR'), name='invitation_chance_is_a_share'),
        ),
        django.contrib.postgres.operations.ValidateConstraint(model_name='invitation', name='invitation_letter_reason_or_wait'),
        django.contrib.postgres.operations.ValidateConstraint(model_name='invitation', name='invitation_reminder_follows_letter'),
        django.contrib.postgres.operations.ValidateConstraint(model_name='invitation', name='invitation_chance_is_a_share'),
        # The other side of feedback.models.naming: what an invitation names stays, and stays its customer's. As with a
        # foreign key, the end of the transaction counts.
        migrations.RunSQL(KEPT, LET_GO),
        migrations.AlterField(
            model_name='putright',
            name='not_asked',
            field=models.CharField(blank=True, choices=[('no_address', 'We have no email address'), ('no_consent', 'They asked not to be asked'), ('suppressed', 'We do not write to their address'), ('incident', 'Something is still wrong'), ('recovery', 'We are still mending an earlier answer'), ('too_often', 'They were asked not long ago'), ('too_late', 'The contact was too long ago'), ('by_itself', 'The contact closed by itself'), ('channel', 'We do not ask about this channel'), ('touch_point', 'We do not ask about this touch point'), ('budget', 'Others were asked')], max_length=12, verbose_name='why not'),
        ),
    ]
