"""Make the statistics anew from the order book."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from karvon.analytics import services
from karvon.analytics.services import Drift, Stretch
from karvon.merchants.errors import MerchantNotFound
from karvon.merchants.selectors import get_merchant_id

SHOWN = 20


def read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} is not a day such as 2026-01-31") from None


class Command(BaseCommand):
    help = (
        "Count days of sales, orders, products and customers anew from the order book, a merchant's month at a time, and "
        "tell which figures were wrong. Safe beside a shop that sells. With --check nothing is written, and the exit "
        "code is 1 when a figure is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", type=read_day, help="first day, such as 2026-01-01")
        parser.add_argument("--to", dest="last", type=read_day, help="last day")
        parser.add_argument("--merchant", help="id or username; without it all merchants")
        parser.add_argument("--check", action="store_true", help="only compare")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            merchant_id = get_merchant_id(options["merchant"]) if options["merchant"] else None
        except MerchantNotFound:
            raise CommandError(f"there is no merchant {options['merchant']!r}") from None
        stretches = services.list_stretches(
            merchant_id=merchant_id, first=options["first"], last=options["last"]
        )
        wrong = self._go_through(stretches, is_check=options["check"])
        if merchant_id is None:
            wrong += self._add_up(options["first"], options["last"], is_check=options["check"], after=wrong)
        if not options["check"]:
            services.count_platform_days(days=400)
        if wrong and options["check"]:
            raise CommandError(f"{wrong} rows are wrong; without --check they are made right")
        done = "compared" if options["check"] else "counted"
        self.stdout.write(self.style.SUCCESS(f"{done} {len(stretches)} months, {wrong} rows were wrong"))

    def _go_through(self, stretches: list[Stretch], *, is_check: bool) -> int:
        """How many rows were wrong."""
        act = services.find_drift if is_check else services.rebuild_stretch
        wrong, seen = 0, set()
        for place, stretch in enumerate(stretches, 1):
            drift = act(stretch, with_customers=stretch.merchant_id not in seen)
            seen.add(stretch.merchant_id)
            self._show(drift, after=wrong)
            wrong += sum(each.side == "counted" for each in drift) or len(drift)
            self.stderr.write(f"{place}/{len(stretches)} {stretch}", ending="\r" if self._is_live() else "\n")
        return wrong

    def _add_up(self, first: date | None, last: date | None, *, is_check: bool, after: int) -> int:
        """The platform's days, of which the merchants' days are parts; how many rows were wrong."""
        act = services.find_platform_drift if is_check else services.rebuild_platform
        drift = act(first=first or services.EARLIEST, last=last or services.LATEST)
        self._show(drift, after=after)
        return sum(each.side == "counted" for each in drift) or len(drift)

    def _is_live(self) -> bool:
        return bool(self.stderr.isatty())

    def _show(self, drift: list[Drift], *, after: int) -> None:
        for each in drift[: max(SHOWN - after, 0)]:
            self.stdout.write(str(each))
