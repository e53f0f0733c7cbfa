
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import feedback.models.survey
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0004_letters_to_colleagues'),
        ('feedback', '0002_evidence'),
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            ],
            options={
                'verbose_name': 'question',
                'verbose_name_plural': 'questions',
                'ordering': ('survey', 'position'),
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
            },
        ),
        migrations.AddField(
            model_name='question',
            name='touch_points',
            field=models.ManyToManyField(help_text='None ticked: at all of them.', related_name='+', through='feedback.QuestionTouchPoint', to='customers.touchpoint', verbose_name='touch points'),
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
            ],
            options={
                'verbose_name': 'survey',
                'verbose_name_plural': 'surveys',
                'ordering': ('-version',),
            },
        ),
        migrations.AddField(
            model_name='question',
            name='survey',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='feedback.survey'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='survey',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='feedback.survey', verbose_name='survey'),
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
            },
        ),
        migrations.AddField(
            model_name='survey',
            name='touch_points',
            field=models.ManyToManyField(related_name='surveys', through='feedback.SurveyTouchPoint', to='customers.touchpoint', verbose_name='touch points'),
        ),
        migrations.AddConstraint(
            model_name='choice',
            constraint=models.UniqueConstraint(fields=('question', 'position'), name='choice_place_once'),
        ),
        migrations.AddConstraint(
            model_name='choice',
            constraint=models.CheckConstraint(condition=models.Q(('position__gte', 1), ('position__lte', 8)), name='choice_eight_at_most'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='choice',
            trigger=pgtrigger.compiler.Trigger(name='choice_of_published_is_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    -- The lock: a survey is not published while somebody is writing one of its questions.\n                    IF EXISTS (\n                        WITH locked AS (\n                            SELECT state FROM feedback_survey\n                            WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN (SELECT survey_id FROM feedback_question WHERE id = OLD.question_id) END,\n                                         CASE WHEN TG_OP <> 'DELETE' THEN (SELECT survey_id FROM feedback_question WHERE id = NEW.question_id) END)\n                            FOR SHARE\n                        )\n                        SELECT FROM locked WHERE state <> 'draft'\n                    ) THEN\n                        RAISE EXCEPTION 'the questions of a published survey cannot be changed'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'choice_of_published_is_fixed';\n                    END IF;\n                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n                    RETURN NEW;\n                ", hash='f1ccfb50cd281a242c140bc37e35c11f56fac0e4', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_choice_of_published_is_fixed_03dd4', table='feedback_choice', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='questiontouchpoint',
            constraint=models.UniqueConstraint(fields=('question', 'touch_point'), name='questiontouchpoint_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='questiontouchpoint',
            trigger=pgtrigger.compiler.Trigger(name='questiontouchpoint_of_published_is_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    -- The lock: a survey is not published while somebody is writing one of its questions.\n                    IF EXISTS (\n                        WITH locked AS (\n                            SELECT state FROM feedback_survey\n                            WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN (SELECT survey_id FROM feedback_question WHERE id = OLD.question_id) END,\n                                         CASE WHEN TG_OP <> 'DELETE' THEN (SELECT survey_id FROM feedback_question WHERE id = NEW.question_id) END)\n                            FOR SHARE\n                        )\n                        SELECT FROM locked WHERE state <> 'draft'\n                    ) THEN\n                        RAISE EXCEPTION 'the questions of a published survey cannot be changed'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'questiontouchpoint_of_published_is_fixed';\n                    END IF;\n                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n                    RETURN NEW;\n                ", hash='282550240fa844bb47a6234abfb54e01be99c14e', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_questiontouchpoint_of_published_is_fixed_838a3', table='feedback_questiontouchpoint', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='reply',
            constraint=models.UniqueConstraint(fields=('answer', 'question'), name='reply_once'),
        ),
        migrations.AddConstraint(
            model_name='reply',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('choice__isnull', False), ('number', None), ('text', '')), models.Q(('choice', None), ('number__isnull', False), ('text', '')), models.Q(('choice', None), ('number', None), models.Q(('text', ''), _negated=True)), _connector='OR'), name='reply_says_one_thing'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reply',
            trigger=pgtrigger.compiler.Trigger(name='reply_fits_question', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NOT EXISTS (\n                        SELECT FROM feedback_question AS question\n                        WHERE question.id = NEW.question_id AND CASE question.kind\n                            WHEN 'choice' THEN EXISTS (\n                                SELECT FROM feedback_choice\n                                WHERE id = NEW.choice_id AND question_id = NEW.question_id)\n                            WHEN 'scale' THEN\n                                NEW.number BETWEEN CASE question.highest WHEN 10 THEN 0 ELSE 1 END\n                                           AND question.highest\n                            ELSE NEW.text <> '' END\n                    ) THEN\n                        RAISE EXCEPTION 'the reply does not fit its question'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'reply_fits_question';\n                    END IF;\n                    RETURN NEW;\n                ", hash='5ffe9078469b248c209dcbac7d50e42f198f3c0a', operation='INSERT OR UPDATE', pgid='pgtrigger_reply_fits_question_b05bc', table='feedback_reply', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reply',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "feedback_replyevent" ("answer_id", "choice_id", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "question_id", "replied_at", "text") VALUES (NEW."answer_id", NEW."choice_id", NEW."id", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."question_id", NEW."replied_at", NEW."text"); RETURN NULL;', hash='88e860a2df0f602ebadb8c4de51835364ddbffe6', operation='INSERT', pgid='pgtrigger_insert_insert_d2ad6', table='feedback_reply', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reply',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "feedback_replyevent" ("answer_id", "choice_id", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "question_id", "replied_at", "text") VALUES (NEW."answer_id", NEW."choice_id", NEW."id", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."question_id", NEW."replied_at", NEW."text"); RETURN NULL;', hash='89aef75b3f9509b312f4fe8149285150deea056f', operation='UPDATE', pgid='pgtrigger_update_update_27a15', table='feedback_reply', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reply',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "feedback_replyevent" ("answer_id", "choice_id", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "question_id", "replied_at", "text") VALUES (OLD."answer_id", OLD."choice_id", OLD."id", OLD."number", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."question_id", OLD."replied_at", OLD."text"); RETURN NULL;', hash='2990592e92833b98e78253419e56aa2fa523ce2e', operation='DELETE', pgid='pgtrigger_delete_delete_af20b', table='feedback_reply', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='replyevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d9f63dd34e29d12013f38d838345cff4b0511952', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_2a30d', table='feedback_replyevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.UniqueConstraint(fields=('survey', 'position'), name='question_place_once'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(('position__gte', 1), ('position__lte', 4)), name='question_four_at_most'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(('after__contained_by', ['yes', 'partly', 'no']), ('after__len__gt', 0)), name='question_after_known'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('highest__in', (5, 10)), ('highest__isnull', False), ('kind', 'scale')), models.Q(('highest', None), ('kind__in', ('choice', 'text'))), _connector='OR'), name='question_scale_has_an_end'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='question',
            trigger=pgtrigger.compiler.Trigger(name='question_of_published_is_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    -- The lock: a survey is not published while somebody is writing one of its questions.\n                    IF EXISTS (\n                        WITH locked AS (\n                            SELECT state FROM feedback_survey\n                            WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.survey_id END,\n                                         CASE WHEN TG_OP <> 'DELETE' THEN NEW.survey_id END)\n                            FOR SHARE\n                        )\n                        SELECT FROM locked WHERE state <> 'draft'\n                    ) THEN\n                        RAISE EXCEPTION 'the questions of a published survey cannot be changed'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'question_of_published_is_fixed';\n                    END IF;\n                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n                    RETURN NEW;\n                ", hash='9d2d58eb89747fb0a9c0982651ec56684768aa44', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_question_of_published_is_fixed_3302d', table='feedback_question', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='surveytouchpoint',
            constraint=models.UniqueConstraint(fields=('survey', 'touch_point'), name='surveytouchpoint_once'),
        ),
        migrations.AddConstraint(
            model_name='surveytouchpoint',
            constraint=models.UniqueConstraint(condition=models.Q(('is_published', True)), fields=('touch_point',), name='surveytouchpoint_one_published', violation_error_message='Another survey is published for this touch point.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='surveytouchpoint',
            trigger=pgtrigger.compiler.Trigger(name='surveytouchpoint_follows_survey', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE its text;', func="\n                    SELECT state INTO its FROM feedback_survey\n                    WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.survey_id ELSE NEW.survey_id END FOR SHARE;\n                    IF its <> 'draft' AND (TG_OP <> 'UPDATE'\n                       OR (OLD.survey_id, OLD.touch_point_id) <> (NEW.survey_id, NEW.touch_point_id)) THEN\n                        RAISE EXCEPTION 'the touch points of a published survey cannot be changed'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'surveytouchpoint_follows_survey';\n                    END IF;\n                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n                    NEW.is_published := its = 'published';\n                    RETURN NEW;\n                ", hash='eeb77eaa8e797ac67b4d49124179cb784fa95828', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_surveytouchpoint_follows_survey_d7a61', table='feedback_surveytouchpoint', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='survey',
            constraint=models.UniqueConstraint(condition=models.Q(('is_for_all', True), ('state', 'published')), fields=('state',), name='survey_one_published_for_all', violation_error_message='Another survey for all touch points is published.'),
        ),
        migrations.AddConstraint(
            model_name='survey',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('published_at', None), ('retired_at', None), ('state', 'draft')), models.Q(('published_at__isnull', False), ('retired_at', None), ('state', 'published')), models.Q(('published_at__isnull', False), ('retired_at__gte', models.F('published_at')), ('retired_at__isnull', False), ('state', 'retired')), _connector='OR'), name='survey_times_fit_state'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='survey',
            trigger=pgtrigger.compiler.Trigger(name='survey_published_is_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state <> 'draft')", func="\n                    -- It may retire, and the colleague who published it may leave.\n                    IF TG_OP = 'UPDATE'\n                       AND to_jsonb(OLD) - '{state,retired_at,published_by_id}'::text[]\n                           = to_jsonb(NEW) - '{state,retired_at,published_by_id}'::text[]\n                       AND (NEW.published_by_id IS NULL OR NEW.published_by_id = OLD.published_by_id)\n                       AND ((OLD.state, OLD.retired_at) IS NOT DISTINCT FROM (NEW.state, NEW.retired_at)\n                            OR (OLD.state = 'published' AND NEW.state = 'retired')) THEN\n                        RETURN NEW;\n                    END IF;\n                    RAISE EXCEPTION 'a published survey cannot be changed'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'survey_published_is_fixed';\n                ", hash='a0bda6029aaa0dae986a930c033b8212a1de8ee1', operation='UPDATE OR DELETE', pgid='pgtrigger_survey_published_is_fixed_3ad39', table='feedback_survey', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='survey',
            trigger=pgtrigger.compiler.Trigger(name='survey_tells_its_touch_points', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.state <> NEW.state)', func="\n                    -- The trigger there takes the survey's state over.\n                    UPDATE feedback_surveytouchpoint SET is_published = (NEW.state = 'published')\n                    WHERE survey_id = NEW.id;\n                    RETURN NULL;\n                ", hash='c96a5776ac9d1bcd4b975a1c9a746d1c67d6ccc2', operation='UPDATE OF "state"', pgid='pgtrigger_survey_tells_its_touch_points_da49a', table='feedback_survey', when='AFTER')),
        ),
    ]
