"""Whoever has told no language is written to in that of most customers. Nothing changes in the database."""

from django.db import migrations, models

import customers.models.customer


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0015_letters_that_came_back'),
    ]

    operations = [
        migrations.AlterField(
            model_name=name,
            name='language',
            field=models.CharField(
                default=customers.models.customer.most_spoken,
                help_text='A code such as en or fr.',
                max_length=12,
                verbose_name='language',
            ),
        )
        for name in ('customer', 'customerevent')
    ]
