

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('feedback', '0004_mending'),
    ]

    operations = [
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
            },
        ),
        migrations.AlterModelOptions(
            name='answer',
            options={'ordering': ('-answered_at',), 'permissions': (('view_insight', 'May see what we hear: rates, answers, comments'), ('view_all_agents', "May see every colleague's rate, not just their own team's"), ('export_insight', 'May take answers home as a file')), 'verbose_name': 'answer', 'verbose_name_plural': 'answers'},
        ),
        migrations.AddIndex(
            model_name='answer',
            index=models.Index(fields=['-answered_at', '-id'], name='answer_newest'),
        ),
        migrations.AddIndex(
            model_name='answer',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.search.SearchVector('comment', config='simple'), condition=models.Q(('comment', ''), _negated=True), name='answer_words'),
        ),
        migrations.AddIndex(
            model_name='answer',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.search.SearchVector('comment', config='english'), condition=models.Q(('comment', ''), _negated=True), name='answer_english'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='answer',
            trigger=pgtrigger.compiler.Trigger(name='answer_tone_goes_with_words', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.comment IS DISTINCT FROM NEW.comment)', func='DELETE FROM feedback_commenttone WHERE answer_id = NEW.id; RETURN NULL;', hash='e9720d419d78327a5537ec51ae953305d0f74ec1', operation='UPDATE OF "comment"', pgid='pgtrigger_answer_tone_goes_with_words_2e9fe', table='feedback_answer', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='commenttone',
            constraint=models.CheckConstraint(condition=models.Q(('tone__in', ['pleased', 'displeased', 'neither', 'unknown'])), name='commenttone_known'),
        ),
        migrations.AddConstraint(
            model_name='commenttone',
            constraint=models.CheckConstraint(condition=models.Q(('told_by', ''), _negated=True), name='commenttone_says_by_what'),
        ),
    ]
