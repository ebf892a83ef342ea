"""Tokens of workers: 256 bits, shown once, stored as SHA-256."""

import secrets

from django.utils import timezone

from sync.directory import hash_token
from sync.models import Worker


def new_worker_token(worker: Worker) -> str:
    """Replace the worker's token and return the new one. It tells the worker its own name."""
    token = f"{worker.name}:{secrets.token_urlsafe(32)}"
    worker.token_hash = hash_token(token)
    worker.token_rotated_at = timezone.now()
    worker.save(update_fields=["token_hash", "token_rotated_at"])
    return token
