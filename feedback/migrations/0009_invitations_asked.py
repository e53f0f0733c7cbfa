"""What the timeline finds answers by. Built beside the running site: no table is locked."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('customers', '0007_letters_not_arrived'),
        ('feedback', '0008_giving'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='invitation',
            index=models.Index(condition=models.Q(('letter__isnull', False)), fields=['customer'], name='invitation_asked'),
        ),
    ]
