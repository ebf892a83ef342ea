"""`manage.py runserver`: Daphne's, for development. Only this command loads Daphne, as an app all of them would."""

from daphne.management.commands.runserver import Command

__all__ = ["Command"]
