"""Managers are written to about runs from now on, not about those that ended before they could be."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tiers", "0006_preview_knows_its_fit"),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE tiers_run SET told_at = ended_at WHERE ended_at IS NOT NULL AND kind <> 'touched'",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(
                    ("moves__gt", 0),
                    ("state", "finished"),
                    ("told_at", None),
                    models.Q(("kind", "touched"), _negated=True),
                ),
                fields=["ended_at"],
                name="run_to_tell",
            ),
        ),
    ]
