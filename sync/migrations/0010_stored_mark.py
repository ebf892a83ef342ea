from typing import Any

from django.db import migrations


def _rename_permissions(apps: Any, old: str, new: str) -> None:
    """Rename `add_<old>` and so on, so that whoever has one keeps it; the content type follows the model by itself."""
    for row in apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="sync", codename__endswith=f"_{old}"
    ):
        row.codename = row.codename.removesuffix(old) + new
        row.save(update_fields=["codename"])


def _forwards(apps: Any, schema_editor: Any) -> None:
    _rename_permissions(apps, "mark", "storedmark")


def _backwards(apps: Any, schema_editor: Any) -> None:
    _rename_permissions(apps, "storedmark", "mark")


class Migration(migrations.Migration):
    """The table keeps its name: only the class has another one."""

    dependencies = [("sync", "0009_account_head"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        migrations.AlterModelTable("mark", "sync_mark"),
        migrations.RenameModel("Mark", "StoredMark"),
        migrations.AlterModelOptions("storedmark", {"verbose_name": "mark"}),
        migrations.RunPython(_forwards, _backwards),
    ]
