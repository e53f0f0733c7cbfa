"""Before you speak: do-not-say notes, rules by which things fade, and preferences that say more of themselves."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0008_taken_back'),
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Caution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=300, verbose_name='what not to say or do')),
                ('reason', models.CharField(blank=True, db_default='', default='', max_length=300, verbose_name='why')),
                ('is_private', models.BooleanField(db_default=False, default=False, verbose_name='private')),
                ('noted_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='noted')),
                ('retired_at', models.DateTimeField(blank=True, null=True, verbose_name='no longer so since')),
            ],
            options={
                'verbose_name': 'do-not-say note',
                'verbose_name_plural': 'do-not-say notes',
                'permissions': (('view_private', 'May see private preferences and do-not-say notes'),),
            },
        ),
        migrations.CreateModel(
            name='CautionEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('text', models.CharField(max_length=300, verbose_name='what not to say or do')),
                ('reason', models.CharField(blank=True, db_default='', default='', max_length=300, verbose_name='why')),
                ('is_private', models.BooleanField(db_default=False, default=False, verbose_name='private')),
                ('noted_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='noted')),
                ('retired_at', models.DateTimeField(blank=True, null=True, verbose_name='no longer so since')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SpeakingRules',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('half_life_days', models.PositiveSmallIntegerField(db_default=30, default=30, help_text='And a quarter after twice as many. What is put right fades, too.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3650)], verbose_name='trouble weighs half after, days')),
                ('slight', models.DecimalField(db_default=Decimal('1'), decimal_places=1, default=Decimal('1'), max_digits=4, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(Decimal('20'))], verbose_name='a slight incident')),
                ('real', models.DecimalField(db_default=Decimal('2'), decimal_places=1, default=Decimal('2'), max_digits=4, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(Decimal('20'))], verbose_name='a real incident')),
                ('serious', models.DecimalField(db_default=Decimal('4'), decimal_places=1, default=Decimal('4'), max_digits=4, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(Decimal('20'))], verbose_name='a serious incident')),
                ('promise', models.DecimalField(db_default=Decimal('3'), decimal_places=1, default=Decimal('3'), help_text='The same while it is overdue. Kept late it weighs its part of this.', max_digits=4, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(Decimal('20'))], verbose_name='a broken promise')),
                ('promise_late_hours', models.PositiveSmallIntegerField(db_default=48, default=48, help_text='A promise kept after half of these hours weighs half.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(8760)], verbose_name='kept so late is as bad as broken, hours')),
                ('unhappy', models.DecimalField(db_default=Decimal('3'), decimal_places=1, default=Decimal('3'), help_text='“In part” weighs half of it.', max_digits=4, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(Decimal('20'))], verbose_name='an answer “no”')),
                ('wait', models.DecimalField(db_default=Decimal('2'), decimal_places=1, default=Decimal('2'), max_digits=4, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(Decimal('20'))], verbose_name='a long wait')),
                ('wait_minutes', models.PositiveSmallIntegerField(db_default=5, default=5, help_text='A wait of so many minutes weighs a quarter, one of four times as many and more weighs all.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1440)], verbose_name='a wait is long from, minutes')),
                ('stated_days', models.PositiveSmallIntegerField(db_default=365, default=365, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3650)], verbose_name='what they said fades by half in, days')),
                ('observed_days', models.PositiveSmallIntegerField(db_default=60, default=60, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3650)], verbose_name='what was noticed once, days')),
                ('confirmed_days', models.PositiveSmallIntegerField(db_default=730, default=730, help_text='After these days the page asks “Still so?”. After twice as many it folds the preference away.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3650)], verbose_name='what was confirmed, days')),
            ],
            options={
                'verbose_name': 'rules for before you speak',
                'verbose_name_plural': 'rules for before you speak',
            },
        ),
        migrations.AlterModelOptions(
            name='preference',
            options={'permissions': (('view_special', 'May see preferences of special categories, such as health'),), 'verbose_name': 'preference', 'verbose_name_plural': 'preferences'},
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='preference',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='preference',
            name='update_update',
        ),
        migrations.AddField(
            model_name='preference',
            name='category',
            field=models.CharField(blank=True, choices=[('health', 'Health'), ('belief', 'Religion or belief'), ('origin', 'Racial or ethnic origin'), ('politics', 'Political opinion'), ('union', 'Membership of a trade union'), ('sex_life', 'Sex life or sexual orientation'), ('biometric', 'Biometric data'), ('genetic', 'Genetic data')], db_default='', default='', max_length=10, verbose_name='sensitive'),
        ),
        migrations.AddField(
            model_name='preference',
            name='confirmed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='confirmed'),
        ),
        migrations.AddField(
            model_name='preference',
            name='confirmed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='preference',
            name='is_private',
            field=models.BooleanField(db_default=False, default=False, verbose_name='private'),
        ),
        migrations.AddField(
            model_name='preference',
            name='retired_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='preference',
            name='touch_point',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.touchpoint', verbose_name='where'),
        ),
        migrations.AddField(
            model_name='preferenceevent',
            name='category',
            field=models.CharField(blank=True, choices=[('health', 'Health'), ('belief', 'Religion or belief'), ('origin', 'Racial or ethnic origin'), ('politics', 'Political opinion'), ('union', 'Membership of a trade union'), ('sex_life', 'Sex life or sexual orientation'), ('biometric', 'Biometric data'), ('genetic', 'Genetic data')], db_default='', default='', max_length=10, verbose_name='sensitive'),
        ),
        migrations.AddField(
            model_name='preferenceevent',
            name='confirmed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='confirmed'),
        ),
        migrations.AddField(
            model_name='preferenceevent',
            name='confirmed_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='preferenceevent',
            name='is_private',
            field=models.BooleanField(db_default=False, default=False, verbose_name='private'),
        ),
        migrations.AddField(
            model_name='preferenceevent',
            name='retired_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='preferenceevent',
            name='touch_point',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.touchpoint', verbose_name='where'),
        ),
        migrations.AlterField(
            model_name='consent',
            name='purpose',
            field=models.CharField(choices=[('feedback', 'Being asked how it was'), ('marketing', 'News and offers'), ('recording', 'Recording of calls'), ('special', 'Remembering what is sensitive, such as health or belief')], max_length=20, verbose_name='purpose'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='consent_no_retires_special', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.purpose = 'special' AND NOT NEW.is_given)", func="\n        PERFORM FROM customers_customer WHERE id = NEW.customer_id FOR NO KEY UPDATE;\n        UPDATE customers_preference SET retired_at = GREATEST(noted_at, clock_timestamp())\n        WHERE customer_id = NEW.customer_id AND category <> '' AND retired_at IS NULL\n        AND NOT COALESCE((\n            SELECT is_given FROM customers_consent WHERE customer_id = NEW.customer_id AND purpose = 'special'\n            ORDER BY noted_at DESC, id DESC LIMIT 1\n        ), FALSE);\n        RETURN NULL;\n    ", hash='65d6a0add149642b10cd3048288e46182af15db6', operation='INSERT', pgid='pgtrigger_consent_no_retires_special_f3729', table='customers_consent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='preference',
            trigger=pgtrigger.compiler.Trigger(name='preference_special_needs_consent', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.category <> '' AND NEW.retired_at IS NULL)", func="\n        PERFORM FROM customers_customer WHERE id = NEW.customer_id FOR NO KEY UPDATE;\n        IF NOT COALESCE((\n            SELECT is_given FROM customers_consent WHERE customer_id = NEW.customer_id AND purpose = 'special'\n            ORDER BY noted_at DESC, id DESC LIMIT 1\n        ), FALSE) THEN\n            RAISE EXCEPTION 'preference_special_needs_consent: the customer has not agreed that this is kept'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'preference_special_needs_consent';\n        END IF;\n        RETURN NEW;\n    ", hash='e0f003ecdf20911e295657ae7b8de2820cf32af9', operation='INSERT OR UPDATE', pgid='pgtrigger_preference_special_needs_consent_e9ba6', table='customers_preference', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='preference',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "customers_preferenceevent" ("category", "confirmed_at", "confirmed_by_id", "customer_id", "id", "interaction_id", "is_ask_first", "is_private", "noted_at", "noted_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provenance", "retired_at", "retired_by_id", "text", "touch_point_id") VALUES (NEW."category", NEW."confirmed_at", NEW."confirmed_by_id", NEW."customer_id", NEW."id", NEW."interaction_id", NEW."is_ask_first", NEW."is_private", NEW."noted_at", NEW."noted_by_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."provenance", NEW."retired_at", NEW."retired_by_id", NEW."text", NEW."touch_point_id"); RETURN NULL;', hash='c4e37cb71e94c2f3467afd80f655c4210275ac77', operation='INSERT', pgid='pgtrigger_insert_insert_5eb7a', table='customers_preference', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='preference',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "customers_preferenceevent" ("category", "confirmed_at", "confirmed_by_id", "customer_id", "id", "interaction_id", "is_ask_first", "is_private", "noted_at", "noted_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provenance", "retired_at", "retired_by_id", "text", "touch_point_id") VALUES (NEW."category", NEW."confirmed_at", NEW."confirmed_by_id", NEW."customer_id", NEW."id", NEW."interaction_id", NEW."is_ask_first", NEW."is_private", NEW."noted_at", NEW."noted_by_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."provenance", NEW."retired_at", NEW."retired_by_id", NEW."text", NEW."touch_point_id"); RETURN NULL;', hash='c92bd254330e610ba554c07f272e611b2742b761', operation='UPDATE', pgid='pgtrigger_update_update_7a677', table='customers_preference', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='preference',
            constraint=models.CheckConstraint(condition=models.Q(('category__in', ['', 'health', 'belief', 'origin', 'politics', 'union', 'sex_life', 'biometric', 'genetic'])), name='preference_category_known'),
        ),
        migrations.AddConstraint(
            model_name='preference',
            constraint=models.CheckConstraint(condition=models.Q(('confirmed_at', None), ('provenance', 'confirmed'), _connector='OR'), name='preference_confirmed_says_so'),
        ),
        migrations.AddField(
            model_name='caution',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cautions', to='customers.customer'),
        ),
        migrations.AddField(
            model_name='caution',
            name='interaction',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='cautions', to='customers.interaction'),
        ),
        migrations.AddField(
            model_name='caution',
            name='noted_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='caution',
            name='retired_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='cautionevent',
            name='customer',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.customer'),
        ),
        migrations.AddField(
            model_name='cautionevent',
            name='interaction',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.interaction'),
        ),
        migrations.AddField(
            model_name='cautionevent',
            name='noted_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='cautionevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='cautionevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='customers.caution'),
        ),
        migrations.AddField(
            model_name='cautionevent',
            name='retired_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='speakingrules',
            constraint=models.CheckConstraint(condition=models.Q(('pk', 1)), name='speakingrules_one_row'),
        ),
        migrations.AddConstraint(
            model_name='speakingrules',
            constraint=models.CheckConstraint(condition=models.Q(('half_life_days__range', (1, 3650))), name='speakingrules_half_life_positive'),
        ),
        migrations.AddConstraint(
            model_name='speakingrules',
            constraint=models.CheckConstraint(condition=models.Q(('slight__gte', 0), ('slight__lte', models.F('real')), ('real__lte', models.F('serious')), ('serious__lte', Decimal('20')), ('promise__range', (0, Decimal('20'))), ('unhappy__range', (0, Decimal('20'))), ('wait__range', (0, Decimal('20')))), name='speakingrules_weights_in_order', violation_error_message='What is worse must not weigh less: slight, real, serious.'),
        ),
        migrations.AddConstraint(
            model_name='speakingrules',
            constraint=models.CheckConstraint(condition=models.Q(('promise_late_hours__gte', 1), ('wait_minutes__gte', 1)), name='speakingrules_measures_positive'),
        ),
        migrations.AddConstraint(
            model_name='speakingrules',
            constraint=models.CheckConstraint(condition=models.Q(('confirmed_days__range', (1, 3650)), ('observed_days__range', (1, 3650)), ('stated_days__range', (1, 3650))), name='speakingrules_fading_positive'),
        ),
        migrations.AddConstraint(
            model_name='caution',
            constraint=models.UniqueConstraint(condition=models.Q(('retired_at', None)), fields=('customer', 'text'), name='caution_noted_once', violation_error_message='That is noted already.'),
        ),
        migrations.AddConstraint(
            model_name='caution',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='caution_says_something'),
        ),
        migrations.AddConstraint(
            model_name='caution',
            constraint=models.CheckConstraint(condition=models.Q(('retired_at', None), ('retired_at__gte', models.F('noted_at')), _connector='OR'), name='caution_retired_after_noting'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='caution',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "customers_cautionevent" ("customer_id", "id", "interaction_id", "is_private", "noted_at", "noted_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "retired_at", "retired_by_id", "text") VALUES (NEW."customer_id", NEW."id", NEW."interaction_id", NEW."is_private", NEW."noted_at", NEW."noted_by_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."retired_at", NEW."retired_by_id", NEW."text"); RETURN NULL;', hash='75caced6390d91fe872d740cb15e3d28006a743d', operation='INSERT', pgid='pgtrigger_insert_insert_77cdc', table='customers_caution', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='caution',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "customers_cautionevent" ("customer_id", "id", "interaction_id", "is_private", "noted_at", "noted_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "retired_at", "retired_by_id", "text") VALUES (NEW."customer_id", NEW."id", NEW."interaction_id", NEW."is_private", NEW."noted_at", NEW."noted_by_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."retired_at", NEW."retired_by_id", NEW."text"); RETURN NULL;', hash='2e7b22a68a8e3c85d012c4bc1d045235462d35a9', operation='UPDATE', pgid='pgtrigger_update_update_cbab1', table='customers_caution', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='cautionevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='5d6b9a2052a03242647629d68dbf514529768f6d', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_726c1', table='customers_cautionevent', when='BEFORE')),
        ),
    ]
