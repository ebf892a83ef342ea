from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0008_worker_label")]

    operations = [
        migrations.CreateModel(
            name="AccountHead",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="sync.account",
                    ),
                ),
                ("version", models.PositiveBigIntegerField()),
                ("seq", models.PositiveBigIntegerField()),
                ("body", models.BinaryField()),
            ],
        ),
    ]
