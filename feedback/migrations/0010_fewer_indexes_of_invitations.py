"""Fewer indexes on what is written by the thousand. Built and dropped beside the running site: no table is locked."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('customers', '0001_squashed_0013_selves'),
        ('feedback', '0001_squashed_0009_invitations_asked'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='invitation',
            index=models.Index(fields=['customer', 'letter'], name='invitation_of_customer_asked'),
        ),
        AddIndexConcurrently(
            model_name='invitation',
            index=models.Index(condition=models.Q(('survey__isnull', False)), fields=['survey'], name='invitation_with_survey'),
        ),
        RemoveIndexConcurrently(
            model_name='invitation',
            name='invitation_of_customer',
        ),
        RemoveIndexConcurrently(
            model_name='invitation',
            name='invitation_asked',
        ),
        migrations.AlterField(
            model_name='invitation',
            name='survey',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='feedback.survey', verbose_name='survey'),
        ),
    ]
