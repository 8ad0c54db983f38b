"""Gives an existing account the rights of platform staff."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from karvon.accounts.models import OPERATOR_ROLES, Role
from karvon.accounts.selectors import find_user_by_name
from karvon.accounts.services import set_role


class Command(BaseCommand):
    help = "Make an existing account platform staff or administrator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="email, username or phone of the account")
        parser.add_argument("--role", choices=sorted(OPERATOR_ROLES), default=Role.STAFF.value)

    def handle(self, *args: Any, name: str, role: str, **options: Any) -> None:
        user = find_user_by_name(name)
        if user is None:
            raise CommandError(f"No open account is called {name!r}.")
        set_role(user=user, role=Role(role))
        self.stdout.write(self.style.SUCCESS(f"{user} is now {Role(role).label}."))
