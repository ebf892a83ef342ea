from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0007_hub_settings")]

    operations = [
        migrations.AddField(
            model_name="worker",
            name="label",
            field=models.CharField(blank=True, default="", help_text="What people call its computer.", max_length=60),
        ),
    ]
