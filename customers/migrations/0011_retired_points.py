"""Numbers no longer in use are found, too, and an extension may be as long as phone systems write them.

Contact points are many, and go on being added while the index is made and the wider rule is checked.
"""

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('customers', '0010_promise_steps'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='contactpoint',
            index=models.Index(condition=models.Q(('is_active', False)), fields=['normalised', 'kind'], name='contactpoint_retired', opclasses=('text_pattern_ops', 'text_ops')),
        ),
        migrations.RemoveConstraint(
            model_name='contactpoint',
            name='contactpoint_phone_is_e164',
        ),
        AddConstraintNotValid(
            model_name='contactpoint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'phone'), _negated=True), ('normalised__regex', '^\\+[1-9][0-9]{3,14}(;ext=[0-9]{1,20})?$'), _connector='OR'), name='contactpoint_phone_is_e164'),
        ),
        ValidateConstraint(
            model_name='contactpoint',
            name='contactpoint_phone_is_e164',
        ),
    ]
