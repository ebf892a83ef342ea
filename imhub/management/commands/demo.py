"""`manage.py demo` runs everything at once, with made-up accounts."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from imhub.launcher.demo import NotUp, run
from imhub.launcher.processes import ChildEnded, Interrupted, PortTaken


class Command(BaseCommand):
    help = "Runs the demo platform site, the hub and one worker, until Ctrl-C."

    def handle(self, **_: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        try:
            run(self.say, self.tell)
        except Interrupted:
            self.stderr.write("Stopped.")
        except (PortTaken, NotUp, ChildEnded) as error:
            raise CommandError(str(error)) from error

    def say(self, line: str) -> None:
        """Print a line at once."""
        self.stdout.write(line)
        self.stdout.flush()

    def tell(self, line: str) -> None:
        """Print a line beside what scripts read."""
        self.stderr.write(line)
        self.stderr.flush()
