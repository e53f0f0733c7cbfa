"""Gestures can be taken back."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0007_letters_not_arrived'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='gesture',
            name='taken_back_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='taken back'),
        ),
        migrations.AddConstraint(
            model_name='gesture',
            constraint=models.CheckConstraint(condition=models.Q(('taken_back_at', None), ('cost', 0), _connector='OR'), name='gesture_taken_back_costs_nothing'),
        ),
    ]
