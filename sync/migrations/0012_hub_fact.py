from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0011_worker_host")]

    operations = [
        migrations.CreateModel(
            name="HubFact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=16)),
                ("key", models.CharField(max_length=200)),
                ("hub", models.CharField(max_length=64)),
                ("at", models.BigIntegerField()),
                ("sealed", models.BinaryField()),
            ],
            options={"indexes": [models.Index(fields=["kind", "key"], name="hub_fact_by_key")]},
        ),
    ]
