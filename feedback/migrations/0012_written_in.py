"""The language of the page that a comment was written on."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('feedback', '0011_which_mending_is_asked_about'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='answer',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='answer',
            name='update_update',
        ),
        migrations.AddField(
            model_name='answer',
            name='language',
            field=models.CharField(blank=True, db_default='', default='', help_text='Of the page that the comment was written on; empty: of the letter.', max_length=35, verbose_name='language'),
        ),
        migrations.AddField(
            model_name='answerevent',
            name='language',
            field=models.CharField(blank=True, db_default='', default='', help_text='Of the page that the comment was written on; empty: of the letter.', max_length=35, verbose_name='language'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='answer',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "feedback_answerevent" ("answered_at", "comment", "conflict", "doubts", "enjoyed", "id", "invitation_id", "is_counted", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."answered_at", NEW."comment", NEW."conflict", NEW."doubts", NEW."enjoyed", NEW."id", NEW."invitation_id", NEW."is_counted", NEW."language", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='47c8b2396558c615b9550ef3c471aa9c3b5efd11', operation='INSERT', pgid='pgtrigger_insert_insert_11e20', table='feedback_answer', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='answer',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "feedback_answerevent" ("answered_at", "comment", "conflict", "doubts", "enjoyed", "id", "invitation_id", "is_counted", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."answered_at", NEW."comment", NEW."conflict", NEW."doubts", NEW."enjoyed", NEW."id", NEW."invitation_id", NEW."is_counted", NEW."language", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='dd9b189dcc452358a234a23e27469650ef20bd56', operation='UPDATE', pgid='pgtrigger_update_update_b3e0b', table='feedback_answer', when='AFTER')),
        ),
    ]
