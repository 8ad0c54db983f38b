"""The simulators as a process of their own; ends at SIGTERM."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from karvon.simulators.server import Simulators


def add_arguments(parser: argparse.ArgumentParser) -> None:
    shop = os.environ.get("KARVON_PORT") or "8000"
    port = os.environ.get("KARVON_SIMULATORS_PORT") or "0"
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument(
        "--port",
        type=int,
        default=int(port) or int(shop) + 1,
        help="KARVON_SIMULATORS_PORT, else KARVON_PORT + 1",
    )
    parser.add_argument("--public-url", default="", help="how browsers reach it; default: the address itself")
    parser.add_argument(
        "--callback-base", default=f"http://127.0.0.1:{shop}", help="the shop that is told of payments"
    )
    parser.add_argument("--quiet", action="store_true", help="no line per request")


def serve(*, host: str, port: int, public_url: str, callback_base: str, quiet: bool) -> None:
    """Until SIGTERM or SIGINT."""
    asked, ask = os.pipe()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os.write(ask, b"."))
    simulators = Simulators(
        host=host,
        port=port,
        public_base=public_url,
        callback_base=callback_base,
        keeps_time=True,
        is_talking=not quiet,
    )
    with simulators:
        sys.stdout.write(f"payment simulators at {simulators.base}/_/, callbacks to {callback_base}\n")
        sys.stdout.flush()
        os.read(asked, 1)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m karvon.simulators", description=__doc__)
    add_arguments(parser)
    serve(**vars(parser.parse_args(arguments)))
