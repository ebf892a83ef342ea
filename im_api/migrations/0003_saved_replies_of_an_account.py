import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('im_api', '0002_saved_replies'),
        ('sync', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='savedreply',
            name='account',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='saved_replies', to='sync.account'),
        ),
    ]
