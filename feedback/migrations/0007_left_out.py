"""Answers that do not count, found without looking at the others. Built beside the running site."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('customers', '0007_letters_not_arrived'),
        ('feedback', '0006_when_to_ask'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='answer',
            index=models.Index(condition=models.Q(('is_counted', False)), fields=['invitation'], name='answer_left_out'),
        ),
    ]
