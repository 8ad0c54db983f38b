"""Brings the translations in step with the sources."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from karvon.kernel.messages import TRANSLATED, list_messages, update_catalog


class Command(BaseCommand):
    help = "Collect what Karvon says, compile the translations, and list what is still to be translated."

    def handle(self, *args: Any, **options: Any) -> None:
        messages = list_messages()
        for language in TRANSLATED:
            missing = update_catalog(language, messages)
            self.stdout.write(f"{language}: {len(messages) - len(missing)} of {len(messages)} sentences")
            for message in missing:
                self.stdout.write(f"  {message}")
