"""Run the payment providers' simulators beside a shop."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from karvon.simulators.process import add_arguments, serve


class Command(BaseCommand):
    help = "Stand in for Stripe, Razorpay, PayPal, Payme, Click and Uzum on one port. For demo and tests; stops at SIGTERM."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("host", "port", "public_url", "callback_base", "quiet")
        try:
            serve(**{name: options[name] for name in names})
        except OSError as error:
            raise CommandError(f"cannot listen on {options['host']}:{options['port']}: {error}") from error
