"""Brings the translations in step with the sources."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from karvon.kernel.messages import (
    TRANSLATED,
    add_names,
    carry_over,
    collect_messages,
    find_problems,
    read_catalogue,
    write_catalogue,
)


class Command(BaseCommand):
    help = "Collect what Karvon says, compile the translations, and fail while one is missing or wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        messages = collect_messages()
        add_names(messages)
        troubles = 0
        for language in TRANSLATED:
            catalog = carry_over(messages, read_catalogue(language), language)
            write_catalogue(catalog, language)
            problems = find_problems(catalog)
            troubles += len(problems)
            self.stdout.write(
                f"{language}: {len(catalog)} messages, {len(problems)} to be translated or mended"
            )
            for problem in problems:
                self.stdout.write(f"  {problem}")
        if troubles:
            raise CommandError("Write what is missing into the .po files, then run this again.")
