"""Bring sales from before the ledger into it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from karvon.ledger.services import post_earlier_sales


class Command(BaseCommand):
    help = "Post what was paid for orders before there was a ledger. May be run again: each part of an order is posted once."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(self.style.SUCCESS(f"posted parts of orders: {post_earlier_sales()}"))
