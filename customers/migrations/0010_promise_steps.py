"""The way of each promise: handed over, reminded, kept."""

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0009_before_you_speak'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='promise',
            options={'permissions': (('view_all_promises', "May see everybody's promises, and how many are kept"),), 'verbose_name': 'promise', 'verbose_name_plural': 'promises'},
        ),
        migrations.CreateModel(
            name='PromiseStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.CharField(choices=[('reminded', 'Reminded'), ('told_late', 'Told that it is late'), ('handed_over', 'Handed over'), ('owner_left', 'Its owner has left'), ('kept', 'Kept'), ('broken', 'Given up')], max_length=12, verbose_name='what')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='when')),
                ('words', models.CharField(blank=True, max_length=300, verbose_name='in words')),
                ('by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('promise', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='customers.promise')),
                ('to', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='to')),
            ],
            options={
                'verbose_name': 'step of a promise',
                'verbose_name_plural': 'steps of promises',
                'ordering': ('at', 'pk'),
                'indexes': [models.Index(fields=['promise', 'at'], name='promisestep_of_promise')],
                'constraints': [models.CheckConstraint(condition=models.Q(('step__in', ['reminded', 'told_late', 'handed_over', 'owner_left', 'kept', 'broken'])), name='promisestep_known'), models.UniqueConstraint(condition=models.Q(('step__in', ('reminded', 'told_late'))), fields=('promise', 'step'), name='promisestep_told_once')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='promisestep',
            trigger=pgtrigger.compiler.Trigger(name='promisestep_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='21096e884e48e85a3ab09a2f2681440327991c05', operation='UPDATE OR DELETE', pgid='pgtrigger_promisestep_append_only_662f6', table='customers_promisestep', when='BEFORE')),
        ),
    ]
