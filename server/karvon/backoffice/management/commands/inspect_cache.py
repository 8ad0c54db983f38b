"""How the shop window, PostgreSQL's memory of it and Redis are."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from karvon.backoffice.caches import SAMPLE, inspect_caches
from karvon.backoffice.management.console import shown_bytes
from karvon.kernel.errors import DependencyDown


class Command(BaseCommand):
    help = (
        "Show the window's rows, documents by language, bytes, epoch, what is missing or stale, how much of it was found in "
        "memory, and what Redis holds. Changes nothing; exit code 1 when something is missing or stale (warm_cache mends it)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--sample", type=int, default=SAMPLE, help=f"products to compare with their tables ({SAMPLE})"
        )
        parser.add_argument(
            "--all", action="store_true", help="compare every product; takes as long as a rebuild"
        )
        parser.add_argument("--json", action="store_true", help="the figures as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["sample"] < 1:
            raise CommandError("--sample is 1 or more")
        try:
            found = inspect_caches(sample=None if options["all"] else options["sample"])
        except DependencyDown as error:
            raise CommandError("Redis does not answer") from error
        if options["json"]:
            self.stdout.write(json.dumps(found, indent=2))
        else:
            self._print_window(found["window"])
            self._print_redis(found["redis"])
        if found["window"]["missing"] or found["window"]["stale"]:
            raise CommandError("the window is not what the tables say; run warm_cache")

    def _print_window(self, window: dict[str, Any]) -> None:
        self._print("products", f"{window['products']:,}")
        self._print("window rows", f"{window['rows']:,}, {window['visible']:,} of them shown")
        self._print("epoch", f"{window['epoch']:,} changes of lists")
        for each in window["languages"]:
            size = f"lists {shown_bytes(each['list_bytes'])}, pages {shown_bytes(each['detail_bytes'])}"
            self._print(f"documents, {each['language']}", f"{each['documents']:,}; {size}")
        for each in window["tables"]:
            size = f"{shown_bytes(each['bytes'])} and indexes of {shown_bytes(each['index_bytes'])}"
            self._print(each["table"], f"{size}; {_percent(each['hit_rate'])} from memory")
        self._print("missing", f"{window['missing']:,}{_named(window['missing_ids'])}")
        self._print(
            "stale", f"{window['stale']:,} of {window['compared']:,} compared{_named(window['stale_ids'])}"
        )

    def _print_redis(self, found: dict[str, Any]) -> None:
        self._print("Redis", f"{shown_bytes(found['bytes'])}; {_percent(found['hit_rate'])} of keys found")
        self._print("carts", f"{found['carts']:,}, {found['carts_not_copied']:,} wait for their copy")
        self._print("counters of rates", f"{found['counters']:,}")
        self._print("keys in the cache", f"{found['cache_keys']:,}")
        for queue, count in found["queues"].items():
            self._print(f"queue {queue}", f"{count:,} tasks wait")

    def _print(self, name: str, text: str) -> None:
        self.stdout.write(f"{name:<22} {text}")


def _percent(rate: float | None) -> str:
    return "nothing yet" if rate is None else f"{rate:.1%}"


def _named(ids: list[int]) -> str:
    return f": {', '.join(map(str, ids))}" if ids else ""
