"""Put the secrets of providers' accounts under a new key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from karvon.payments.services import rotate_secrets


class Command(BaseCommand):
    help = (
        "Encrypt the secrets of all provider accounts with the first key of KARVON_ENCRYPTION_KEYS. "
        "Afterwards the keys behind it may be taken out. May be run again, and while the shop runs."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done, unreadable = rotate_secrets()
        self.stdout.write(self.style.SUCCESS(f"accounts under the newest key: {done}"))
        if unreadable:
            numbers = ", ".join(map(str, unreadable))
            raise CommandError(
                f"no key opens the secrets of accounts {numbers}: enter them anew in the admin"
            )
