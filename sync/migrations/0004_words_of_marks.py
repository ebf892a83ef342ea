from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0003_checksums")]

    operations = [
        migrations.AlterField(
            model_name="mark",
            name="body",
            field=models.JSONField(help_text="What operators said of the item or person, as the core keeps it."),
        ),
    ]
