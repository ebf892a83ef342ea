from django.db import migrations, models

import sync.models


class Migration(migrations.Migration):
    dependencies = [("sync", "0006_home")]
    operations = [
        migrations.CreateModel(
            name="HubSettings",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False),
                ),
                ("closing_words", models.JSONField(default=sync.models.usual_closing_words)),
            ],
            options={"verbose_name": "hub settings", "verbose_name_plural": "hub settings"},
        ),
    ]
