"""What happened to each letter. Each step is short on a house that runs: the check looks at old rows last."""

import django.contrib.postgres.operations
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0004_letters_to_colleagues'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LetterEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('put_off', 'Put off'), ('sent', 'Taken by the mail server'), ('refused', 'Refused'), ('uncertain', 'Became uncertain'), ('held_back', 'Held back'), ('confirmed', 'Settled: it was delivered'), ('sent_again', 'Settled: to be sent again'), ('delayed', 'Delayed on the way'), ('bounced', 'Came back'), ('complained', 'Called junk by the reader')], max_length=12, verbose_name='what')),
                ('happened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='when')),
                ('words', models.TextField(blank=True, verbose_name='in whose words')),
                ('source_key', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'verbose_name': 'event of a letter',
                'verbose_name_plural': 'events of letters',
                'ordering': ('happened_at', 'pk'),
            },
        ),
        migrations.AddField(
            model_name='letter',
            name='bounced_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='came back'),
        ),
        migrations.AlterField(
            model_name='suppression',
            name='reason',
            field=models.CharField(choices=[('unsubscribed', 'They asked us not to write'), ('refused', 'Their server refused for good'), ('bounced', 'Letters to it came back'), ('complained', 'They called a letter of ours junk'), ('by_hand', 'A colleague entered it')], max_length=20, verbose_name='reason'),
        ),
        migrations.AddIndex(
            model_name='letter',
            index=models.Index(condition=models.Q(('state', 'uncertain')), fields=['created_at'], name='letter_uncertain'),
        ),
        migrations.AddField(
            model_name='letterevent',
            name='by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AddField(
            model_name='letterevent',
            name='letter',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='customers.letter'),
        ),
        migrations.AddIndex(
            model_name='letterevent',
            index=models.Index(fields=['letter', 'happened_at'], name='letterevent_of_letter'),
        ),
        migrations.AddIndex(
            model_name='letterevent',
            index=models.Index(condition=models.Q(('by__isnull', False)), fields=['by'], name='letterevent_by_colleague'),
        ),
        migrations.AddConstraint(
            model_name='letterevent',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['put_off', 'sent', 'refused', 'uncertain', 'held_back', 'confirmed', 'sent_again', 'delayed', 'bounced', 'complained'])), name='letterevent_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='letterevent',
            constraint=models.UniqueConstraint(condition=models.Q(('kind__in', ('bounced', 'complained'))), fields=('letter', 'kind'), name='letterevent_once_for_all'),
        ),
        migrations.AddConstraint(
            model_name='letterevent',
            constraint=models.UniqueConstraint(condition=models.Q(('source_key', ''), _negated=True), fields=('letter', 'kind', 'source_key'), name='letterevent_once_per_source'),
        ),
        django.contrib.postgres.operations.AddConstraintNotValid(
            model_name='letter',
            constraint=models.CheckConstraint(condition=models.Q(('bounced_at', None), models.Q(('message_id', ''), _negated=True), _connector='OR'), name='letter_came_back_after_it_left'),
        ),
        django.contrib.postgres.operations.ValidateConstraint(
            model_name='letter', name='letter_came_back_after_it_left'
        ),
    ]
