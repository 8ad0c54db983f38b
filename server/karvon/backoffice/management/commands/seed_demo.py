"""Fill an empty shop with a believable town."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from karvon.backoffice.demo.town import TownSize, build_town, is_built

STANDS = "the demo town stands already"


class Command(BaseCommand):
    help = "Build the demo town (five merchants, 1,200 products, 200 customers, 2,000 orders); once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--scale",
            type=int,
            default=1,
            help="multiply the electronics shop's goods (90 gives 100,000 products)",
        )
        parser.add_argument("--seed", type=int, default=7, help="another number, another town")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["scale"] < 1:
            raise CommandError("--scale is 1 or more")
        if is_built():
            self.stdout.write(STANDS)
            return
        with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()) as progress:
            tasks: dict[str, Any] = {}

            def report(what: str, done: int, total: int) -> None:
                if what not in tasks:
                    tasks[what] = progress.add_task(what, total=total)
                progress.update(tasks[what], completed=done, total=total)

            size = TownSize(electronics=TownSize.electronics * options["scale"])
            count = build_town(size=size, seed=options["seed"], report=report)
        self.stdout.write(self.style.SUCCESS(f"{count} products are in the shop" if count else STANDS))
