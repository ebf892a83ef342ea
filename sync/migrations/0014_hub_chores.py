from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0013_account_moved_at")]

    operations = [
        migrations.CreateModel(
            name="HubChores",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("holder", models.CharField(max_length=64)),
                ("until", models.BigIntegerField()),
            ],
        ),
    ]
