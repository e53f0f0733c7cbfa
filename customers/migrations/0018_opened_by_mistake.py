"""Contacts that were opened by mistake. The check is added first and looks at old rows last."""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0017_lifted_suppressions'),
    ]

    operations = [
        migrations.AddField(
            model_name='interaction',
            name='is_mistaken',
            field=models.BooleanField(db_default=False, default=False, help_text='It was not with this customer.', verbose_name='opened by mistake'),
        ),
        AddConstraintNotValid(
            model_name='interaction',
            constraint=models.CheckConstraint(condition=models.Q(('is_mistaken', False), ('closed_at__isnull', False), _connector='OR'), name='interaction_mistaken_is_closed'),
        ),
        ValidateConstraint(model_name='interaction', name='interaction_mistaken_is_closed'),
    ]
