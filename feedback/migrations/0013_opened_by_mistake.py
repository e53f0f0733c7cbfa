from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('feedback', '0012_written_in'),
    ]

    operations = [
        migrations.AlterField(
            model_name='invitation',
            name='not_asked',
            field=models.CharField(blank=True, choices=[('no_address', 'We have no email address'), ('no_consent', 'They asked not to be asked'), ('suppressed', 'We do not write to their address'), ('incident', 'Something is still wrong'), ('recovery', 'We are still mending an earlier answer'), ('too_often', 'They were asked not long ago'), ('too_late', 'The contact was too long ago'), ('by_itself', 'The contact closed by itself'), ('mistaken', 'The contact was opened by mistake'), ('channel', 'We do not ask about this channel'), ('touch_point', 'We do not ask about this touch point'), ('budget', 'Others were asked')], max_length=12, verbose_name='why not'),
        ),
        migrations.AlterField(
            model_name='putright',
            name='not_asked',
            field=models.CharField(blank=True, choices=[('no_address', 'We have no email address'), ('no_consent', 'They asked not to be asked'), ('suppressed', 'We do not write to their address'), ('incident', 'Something is still wrong'), ('recovery', 'We are still mending an earlier answer'), ('too_often', 'They were asked not long ago'), ('too_late', 'The contact was too long ago'), ('by_itself', 'The contact closed by itself'), ('mistaken', 'The contact was opened by mistake'), ('channel', 'We do not ask about this channel'), ('touch_point', 'We do not ask about this touch point'), ('budget', 'Others were asked')], max_length=12, verbose_name='why not'),
        ),
    ]
