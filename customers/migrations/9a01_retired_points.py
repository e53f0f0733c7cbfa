from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    # Contact points are many, and go on being added while the index is made.
    atomic = False

    dependencies = [
        ('customers', '0007_letters_not_arrived'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='contactpoint',
            index=models.Index(condition=models.Q(('is_active', False)), fields=['normalised', 'kind'], name='contactpoint_retired', opclasses=('text_pattern_ops', 'text_ops')),
        ),
    ]
