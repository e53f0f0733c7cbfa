"""Contacts that closed by themselves, and letters in sets. The check is added first and looks at old rows last."""

import django.contrib.postgres.operations
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0005_letter_events'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('erased_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='when')),
            ],
            options={
                'verbose_name': 'erasure',
                'verbose_name_plural': 'erasures',
            },
        ),
        migrations.AlterModelOptions(
            name='customer',
            options={'permissions': (('view_money', 'May see the amounts of orders'), ('view_margin', 'May see margin'), ('view_contact_points', 'May see phones and addresses in clear'), ('erase_customer', 'May forget a customer for good')), 'verbose_name': 'customer', 'verbose_name_plural': 'customers'},
        ),
        migrations.AddField(
            model_name='interaction',
            name='closed_itself',
            field=models.BooleanField(db_default=False, default=False, help_text='It ended without anybody closing it.', verbose_name='closed by itself'),
        ),
        migrations.AlterField(
            model_name='letter',
            name='customer',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='customers.customer'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='customer',
            trigger=pgtrigger.compiler.Trigger(name='customer_stays_for_letters', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n        IF EXISTS (SELECT FROM customers_letter WHERE customer_id = OLD.id)\n           AND NOT EXISTS (SELECT FROM customers_customer WHERE id = OLD.id) THEN\n            \n        RAISE EXCEPTION 'letters were written to this customer' USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'customer_stays_for_letters';\n\n        END IF;\n        RETURN NULL;\n    ", hash='0668f8aaa57ab0696b0da612cea2f7dfe5d32b71', operation='DELETE OR UPDATE OF "id"', pgid='pgtrigger_customer_stays_for_letters_5130a', table='customers_customer', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='letter',
            trigger=pgtrigger.compiler.Trigger(name='letter_names_customers', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE ids bigint[];', func="\n            ids := ARRAY(SELECT DISTINCT customer_id FROM new_rows WHERE customer_id IS NOT NULL);\n            IF EXISTS (\n                WITH kept AS (SELECT id FROM customers_customer WHERE id = ANY(ids) FOR KEY SHARE)\n                SELECT FROM unnest(ids) AS named (id) WHERE id NOT IN (SELECT id FROM kept)\n            ) THEN \n        RAISE EXCEPTION 'there is no such customer' USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'letter_of_a_customer';\n\n            END IF;\n            RETURN NULL;\n        ", hash='1805a5b22092d72889de9afbb1301ccf282b87b8', level='STATEMENT', operation='INSERT', pgid='pgtrigger_letter_names_customers_0c252', referencing='REFERENCING NEW TABLE AS new_rows ', table='customers_letter', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='letter',
            trigger=pgtrigger.compiler.Trigger(name='letter_still_names_a_customer', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.customer_id IS NOT NULL)', func="\n            PERFORM FROM customers_customer WHERE id = NEW.customer_id FOR KEY SHARE;\n            IF NOT FOUND THEN \n        RAISE EXCEPTION 'there is no such customer' USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'letter_of_a_customer';\n\n            END IF;\n            RETURN NULL;\n        ", hash='a0da7be78f4c00989678500e512f37dceaaab0a5', operation='UPDATE OF "customer_id"', pgid='pgtrigger_letter_still_names_a_customer_de32b', table='customers_letter', when='AFTER')),
        ),
        django.contrib.postgres.operations.AddConstraintNotValid(
            model_name='interaction',
            constraint=models.CheckConstraint(condition=models.Q(('closed_itself', False), ('closed_at__isnull', False), _connector='OR'), name='interaction_closed_itself_is_closed'),
        ),
        migrations.AddField(
            model_name='erasure',
            name='by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AddField(
            model_name='erasure',
            name='customer',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='erasure', to='customers.customer'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='erasure',
            trigger=pgtrigger.compiler.Trigger(name='erasure_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c6e3db1429f681785ce86441cdca42f592fdf39a', operation='UPDATE OR DELETE', pgid='pgtrigger_erasure_append_only_14bc4', table='customers_erasure', when='BEFORE')),
        ),
        django.contrib.postgres.operations.ValidateConstraint(model_name='interaction', name='interaction_closed_itself_is_closed'),
    ]
