from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0010_stored_mark")]

    operations = [
        migrations.AddField(
            model_name="worker",
            name="host_id",
            field=models.CharField(blank=True, default="", editable=False, max_length=64),
        ),
    ]
