"""Accounts whose history has no epoch get one, in its first row. Versions and numbers of events stay.

Until now an account had an epoch only after it was cleared or imported: one that was deleted and made again was not
told apart from the one before.
"""

from typing import Any
from uuid import uuid4

from django.db import migrations
from msgspec.structs import replace

from sync.core.stored.log_row_body import BadBody, decode_body, encode_body

CHANGE = ("account_id", "version", "seq_from", "seq_to", "at", "actor", "origin", "action")
CHECKPOINT = ("account_id", "version", "seq", "at")


def add_epochs(apps: Any, schema_editor: Any) -> None:
    def rows(name: str) -> Any:
        return apps.get_model("sync", name).objects.using(schema_editor.connection.alias)

    for account_id in rows("Account").values_list("pk", flat=True):
        checkpoint = rows("Checkpoint").filter(account_id=account_id).first()
        first = rows("Change").filter(account_id=account_id).order_by("version").first()
        if checkpoint is not None:
            _add_epoch(checkpoint, CHECKPOINT)
        elif first is not None:
            _add_epoch(first, CHANGE)


def _add_epoch(row: Any, columns: tuple[str, ...]) -> None:
    """Leave a damaged row as it is: the start refuses it with its place."""
    covered = tuple(getattr(row, column) for column in columns)
    try:
        delta = decode_body(row.body, covered)
    except BadBody:
        return
    if not delta.epoch:
        row.body = encode_body(replace(delta, epoch=uuid4().hex), covered)
        row.save(update_fields=["body"])


class Migration(migrations.Migration):
    dependencies = [("sync", "0004_words_of_marks")]
    operations = [migrations.RunPython(add_epochs, migrations.RunPython.noop)]
