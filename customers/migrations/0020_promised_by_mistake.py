"""Promises that were made by mistake. Checks are added first and look at old rows last."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0019_taken_back_incidents'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='promise',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='promise',
            name='update_update',
        ),
        migrations.RemoveConstraint(
            model_name='promisestep',
            name='promisestep_known',
        ),
        migrations.AddField(
            model_name='promise',
            name='is_mistaken',
            field=models.BooleanField(db_default=False, default=False, verbose_name='promised by mistake'),
        ),
        migrations.AddField(
            model_name='promiseevent',
            name='is_mistaken',
            field=models.BooleanField(db_default=False, default=False, verbose_name='promised by mistake'),
        ),
        migrations.AlterField(
            model_name='promisestep',
            name='step',
            field=models.CharField(choices=[('reminded', 'Reminded'), ('told_late', 'Told that it is late'), ('handed_over', 'Handed over'), ('owner_left', 'Its owner has left'), ('kept', 'Kept'), ('broken', 'Given up'), ('mistaken', 'Taken back: it was promised by mistake')], max_length=12, verbose_name='what'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='promise',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "customers_promiseevent" ("broken_at", "customer_id", "due_at", "id", "interaction_id", "is_mistaken", "kept_at", "made_at", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text", "touch_point_id") VALUES (NEW."broken_at", NEW."customer_id", NEW."due_at", NEW."id", NEW."interaction_id", NEW."is_mistaken", NEW."kept_at", NEW."made_at", NEW."owner_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."text", NEW."touch_point_id"); RETURN NULL;', hash='ae284cecc2809df5bb061e343bfda74c1a3eafd5', operation='INSERT', pgid='pgtrigger_insert_insert_d1a0f', table='customers_promise', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='promise',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "customers_promiseevent" ("broken_at", "customer_id", "due_at", "id", "interaction_id", "is_mistaken", "kept_at", "made_at", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text", "touch_point_id") VALUES (NEW."broken_at", NEW."customer_id", NEW."due_at", NEW."id", NEW."interaction_id", NEW."is_mistaken", NEW."kept_at", NEW."made_at", NEW."owner_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."text", NEW."touch_point_id"); RETURN NULL;', hash='ce47d0701b309b71bbb6f64a1404e5d2654a38e1', operation='UPDATE', pgid='pgtrigger_update_update_7b083', table='customers_promise', when='AFTER')),
        ),
        AddConstraintNotValid(
            model_name='promise',
            constraint=models.CheckConstraint(condition=models.Q(('is_mistaken', False), ('broken_at__isnull', False), _connector='OR'), name='promise_mistaken_is_given_up'),
        ),
        AddConstraintNotValid(
            model_name='promisestep',
            constraint=models.CheckConstraint(condition=models.Q(('step__in', ['reminded', 'told_late', 'handed_over', 'owner_left', 'kept', 'broken', 'mistaken'])), name='promisestep_known'),
        ),
        ValidateConstraint(model_name='promise', name='promise_mistaken_is_given_up'),
        ValidateConstraint(model_name='promisestep', name='promisestep_known'),
    ]
