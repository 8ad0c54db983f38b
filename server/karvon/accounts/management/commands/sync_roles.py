"""Makes the permission groups of the roles, for operators to adjust."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand
from django.db import transaction

from karvon.accounts.roles import ROLE_GROUPS, default_permissions


class Command(BaseCommand):
    help = (
        "Create a permission group per back-office role. Groups that exist are left as operators set them, "
        "unless --reset is given."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reset", action="store_true", help="set existing groups back to the defaults")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        by_name = {
            f"{permission.content_type.app_label}.{permission.codename}": permission
            for permission in Permission.objects.select_related("content_type")
        }
        for role, name in ROLE_GROUPS.items():
            group, created = Group.objects.get_or_create(name=name)
            if created or options["reset"]:
                wanted = sorted(default_permissions(role) & by_name.keys())
                group.permissions.set([by_name[label] for label in wanted])
                self.stdout.write(f"{name}: {len(wanted)} permissions")
            else:
                self.stdout.write(f"{name}: left as it is")
