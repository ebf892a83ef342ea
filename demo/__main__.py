"""Runs the demo platform: `python -m demo`."""

import argparse
import sys

from demo.options import DEFAULT_PORT, Options
from demo.server import serve


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the site to `parser`, argparse's or Django's."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--scenario", default="demo", help="demo, contract, or the path of a world as JSON")
    parser.add_argument("--state", default="", metavar="FILE", help="keeps the world over restarts")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--fans-interval", type=float, default=None, metavar="S", help="seconds between events; 0: no fans"
    )
    parser.add_argument("--qr-lifetime", type=float, default=150.0, metavar="S")
    parser.add_argument(
        "--phone-delay", type=float, default=2.0, metavar="S", help="until the phone confirms by itself"
    )
    parser.add_argument(
        "--switch",
        action="append",
        default=[],
        metavar="ACCOUNT:NAME=VALUE",
        help="a fault from the start; * for all accounts",
    )


def make_options(values: dict[str, object]) -> Options:
    """Return the options in parsed arguments."""
    return Options(
        host=str(values["host"]),
        port=int(str(values["port"])),
        scenario=str(values["scenario"]),
        state=str(values["state"] or ""),
        seed=int(str(values["seed"])),
        fans_interval_s=None if values["fans_interval"] is None else float(str(values["fans_interval"])),
        qr_lifetime_s=float(str(values["qr_lifetime"])),
        phone_delay_s=float(str(values["phone_delay"])),
        switches=tuple(str(s) for s in values["switch"]) if isinstance(values["switch"], list) else (),
    )


def main() -> int:
    """Run the site until a signal, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m demo", description="The demo platform site.")
    add_arguments(parser)
    return serve(make_options(vars(parser.parse_args())))


if __name__ == "__main__":
    sys.exit(main())
