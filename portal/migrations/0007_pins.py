"""Entries of a timeline that stand first."""

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0007_letters_not_arrived'),
        ('portal', '0006_hints'),
    ]

    operations = [
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
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pin',
            trigger=pgtrigger.compiler.Trigger(name='pin_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='acbcb975cd661693ae29a9df4ca99d39ae7665f0', operation='DELETE', pgid='pgtrigger_pin_stays_9a77c', table='portal_pin', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pin',
            trigger=pgtrigger.compiler.Trigger(name='pin_stays_what_it_is', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."pinned_at" IS DISTINCT FROM (NEW."pinned_at") OR OLD."pinned_by_id" IS DISTINCT FROM (NEW."pinned_by_id") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."row" IS DISTINCT FROM (NEW."row"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='2867ecaf515e79682750485738a8f12e5c7494b2', operation='UPDATE', pgid='pgtrigger_pin_stays_what_it_is_9dfdc', table='portal_pin', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pin',
            trigger=pgtrigger.compiler.Trigger(name='pin_ends_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.unpinned_at IS NOT NULL AND (NEW.unpinned_at, NEW.unpinned_by_id) IS DISTINCT FROM (OLD.unpinned_at, OLD.unpinned_by_id))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='71b42c1dd3e16c0865797912d80c3b87aa2e102e', operation='UPDATE', pgid='pgtrigger_pin_ends_once_4a717', table='portal_pin', when='BEFORE')),
        ),
    ]
