from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0001_squashed_0013_selves'),
        ('tiers', '0011_quick_references'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='measures',
            name='measures_due',
        ),
        migrations.AddIndex(
            model_name='measures',
            index=models.Index(condition=models.Q(('look_on__isnull', False)), fields=['look_on', 'customer'], name='measures_due'),
        ),
    ]
