from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0005_epochs")]

    operations = [
        migrations.AddField("logstate", "home", models.CharField(blank=True, default="", max_length=100)),
    ]
