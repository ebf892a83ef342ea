"""Bodies that were written before bodies had checksums get theirs: plain JSON is what tells them apart."""

from collections.abc import Iterator
from typing import Any

from django.db import migrations
from msgspec import MsgspecError

from sync.core.stored.log_row_body import checksum
from sync.core.change.delta import decode_delta

BATCH = 100
COLUMNS = {
    "Change": ("account_id", "version", "seq_from", "seq_to", "at", "actor", "origin", "action"),
    "Checkpoint": ("account_id", "version", "seq", "at"),
}


def add_checksums(apps: Any, schema_editor: Any) -> None:
    for name, columns in COLUMNS.items():
        rows = apps.get_model("sync", name).objects.using(schema_editor.connection.alias)
        for row in _each(rows.order_by("pk")):
            if isinstance(row.body, bytes | memoryview) and _is_plain(body := bytes(row.body)):
                row.body = checksum(body, tuple(getattr(row, column) for column in columns)) + body
                row.save(update_fields=["body"])


def _each(rows: Any) -> Iterator[Any]:
    """Not with one cursor: what it has yet to read is written meanwhile."""
    batch = list(rows[:BATCH])
    while batch:
        yield from batch
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:BATCH])


def _is_plain(body: bytes) -> bool:
    if not body.startswith(b"{"):
        return False
    try:
        decode_delta(body)
    except MsgspecError:
        return False
    return True


class Migration(migrations.Migration):
    dependencies = [("sync", "0002_operators")]
    operations = [migrations.RunPython(add_checksums, migrations.RunPython.noop)]
