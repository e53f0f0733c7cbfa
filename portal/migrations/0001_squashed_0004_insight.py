"""What 0001 to 0004 come to, at once, for a house that begins.

A house that has them keeps them, and has nothing to do. What they did to rows of before has no place here.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

from customers.tables import CreateModels


class Migration(migrations.Migration):

    replaces = [('portal', '0001_initial'), ('portal', '0002_export_is_a_door'), ('portal', '0003_token_scope_for_overrides'), ('portal', '0004_insight')]

    initial = True

    dependencies = [
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name='User',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('password', models.CharField(max_length=128, verbose_name='password')),
                        ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                        ('email', models.EmailField(max_length=254, unique=True, verbose_name='email')),
                        ('display_name', models.CharField(help_text='As customers and colleagues know them.', max_length=120, verbose_name='name')),
                        ('role', models.CharField(choices=[('agent', 'Agent'), ('lead', 'Lead'), ('manager', 'Manager'), ('analyst', 'Analyst'), ('administrator', 'Administrator'), ('integration', 'Integration')], default='agent', max_length=20, verbose_name='role')),
                        ('has_keys', models.BooleanField(default=True, verbose_name='single-key shortcuts')),
                        ('is_active', models.BooleanField(default=True, verbose_name='active')),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                        ('lead', models.ForeignKey(blank=True, help_text="Who looks after what this person's customers were unhappy with.", null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='team', to=settings.AUTH_USER_MODEL, verbose_name='lead')),
                    ],
                    options={
                        'verbose_name': 'colleague',
                        'verbose_name_plural': 'colleagues',
                        'ordering': ('display_name',),
                        'permissions': (('use_desk', 'May use the desk'), ('use_admin', 'May use the admin')),
                        'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_once_whatever_case'), models.CheckConstraint(condition=models.Q(('role__in', ['agent', 'lead', 'manager', 'analyst', 'administrator', 'integration'])), name='user_role_known')],
                    },
                ),
                migrations.CreateModel(
                    name='ApiToken',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(help_text='Which program uses it.', max_length=120, verbose_name='name')),
                        ('key_hash', models.BinaryField(max_length=32, unique=True)),
                        ('hint', models.CharField(editable=False, max_length=12, verbose_name='begins with')),
                        ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('read', 'Read customers'), ('orders', 'Record orders'), ('interactions', 'Open and close interactions'), ('overrides', 'Set and end overrides')], max_length=20), size=None, verbose_name='scopes')),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='made')),
                        ('expires_at', models.DateTimeField(verbose_name='ends')),
                        ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='revoked')),
                        ('last_used_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last used')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL, verbose_name='acts as')),
                    ],
                    options={
                        'verbose_name': 'API token',
                        'verbose_name_plural': 'API tokens',
                        'ordering': ('-created_at',),
                        'constraints': [models.CheckConstraint(condition=models.Q(('scopes__contained_by', ['read', 'orders', 'interactions', 'overrides']), ('scopes__len__gt', 0)), name='apitoken_scopes_known')],
                    },
                ),
                migrations.CreateModel(
                    name='Heartbeat',
                    fields=[
                        ('part', models.CharField(choices=[('worker', 'Worker')], max_length=20, primary_key=True, serialize=False, verbose_name='part')),
                        ('heard_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='last heard')),
                    ],
                    options={
                        'verbose_name': 'sign of life',
                        'verbose_name_plural': 'signs of life',
                        'constraints': [models.CheckConstraint(condition=models.Q(('part__in', ['worker'])), name='heartbeat_part_known')],
                    },
                ),
                migrations.CreateModel(
                    name='Reading',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('user_id', models.BigIntegerField(verbose_name='colleague')),
                        ('customer_id', models.BigIntegerField(verbose_name='customer')),
                        ('door', models.CharField(choices=[('contact_view', 'Contact view'), ('api', 'API'), ('admin', 'Admin'), ('export', 'Export'), ('insight', 'What we hear')], max_length=20, verbose_name='through')),
                        ('read_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='when')),
                    ],
                    options={
                        'verbose_name': 'reading',
                        'verbose_name_plural': 'readings',
                        'ordering': ('-read_at',),
                        'indexes': [models.Index(fields=['customer_id', '-read_at'], name='reading_of_customer'), models.Index(fields=['user_id', '-read_at'], name='reading_by_user')],
                        'triggers': [pgtrigger.compiler.Trigger(name='reading_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='496cf6fb2cbbf24b8d420ea1b1383f615180b03b', operation='UPDATE OR DELETE', pgid='pgtrigger_reading_append_only_be7bc', table='portal_reading', when='BEFORE'))],
                    },
                ),
            ],
        ),
    ]
