"""Letters may go to a colleague. Each step is short on a house that runs: the check looks at old rows last."""

import django.contrib.postgres.operations
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("customers", "0003_new_customers_touch"),
    ]

    operations = [
        migrations.AlterField(
            model_name="letter",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="letters",
                to="customers.customer",
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="colleague",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="letters",
                to=settings.AUTH_USER_MODEL,
                verbose_name="colleague",
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                condition=models.Q(("colleague__isnull", False)), fields=["colleague"], name="letter_of_colleague"
            ),
        ),
        django.contrib.postgres.operations.AddConstraintNotValid(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("colleague", None), ("customer__isnull", False)),
                    models.Q(("colleague__isnull", False), ("customer", None)),
                    _connector="OR",
                ),
                name="letter_to_a_customer_or_a_colleague",
            ),
        ),
        django.contrib.postgres.operations.ValidateConstraint(
            model_name="letter", name="letter_to_a_customer_or_a_colleague"
        ),
    ]
