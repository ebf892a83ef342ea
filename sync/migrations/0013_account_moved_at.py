from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0012_hub_fact")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="moved_at",
            field=models.BigIntegerField(default=0, editable=False),
        ),
    ]
