"""Orders are found by their number alone. They are many, and go on coming in while the index is made."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('customers', '0020_promised_by_mistake'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='order',
            index=models.Index(fields=['external_id'], name='order_by_number'),
        ),
    ]
