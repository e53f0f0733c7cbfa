"""A link says which mending it asks about: one contact may have had several."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('feedback', '0010_fewer_indexes_of_invitations'),
    ]

    operations = [
        migrations.AddField(
            model_name='link',
            name='put_right',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='links', to='feedback.putright'),
        ),
    ]
