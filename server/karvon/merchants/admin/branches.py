from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from karvon.accounts.admin_base import ScopedFilter, get_user, language_fieldsets
from karvon.merchants.admin_base import MerchantRoomAdmin
from karvon.merchants.inputs import BranchInput
from karvon.merchants.models import Branch
from karvon.merchants.policies import Action
from karvon.merchants.services import create_branch, delete_branch, update_branch
from karvon.merchants.texts import text_of

PLACE = ["city", "phone", "latitude", "longitude"]
SWITCHES = ["is_active", "is_default", "offers_delivery", "offers_pickup"]
FEES = ["delivery_fee", "free_delivery_from", "minimum_order"]
PLAIN = {field.name for field in fields(BranchInput)} - {"name", "address"}


@admin.register(Branch)
class BranchAdmin(MerchantRoomAdmin[Branch]):
    duty = Action.MANAGE_BRANCHES
    list_display = ["name", "merchant", "city", "is_default", "is_active", "offers_delivery", "offers_pickup"]
    list_select_related = ["merchant"]
    list_filter = [("merchant", ScopedFilter), "is_active", "offers_delivery", "offers_pickup"]
    search_fields = ["name_uz", "name_ru", "name_en", "name_ar", "city", "merchant__name"]
    ordering = ["merchant_id", "-is_default", "id"]
    autocomplete_fields = ["merchant"]
    fieldsets = [
        (None, {"fields": ["merchant", *PLACE, *SWITCHES]}),
        (gettext_lazy("Delivery"), {"fields": FEES}),
        *language_fieldsets("name", "address"),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Branch | None = None) -> Any:
        return [] if obj is None else ["merchant"]

    def write(
        self, request: HttpRequest, row: Branch, form: Any, formsets: Sequence[Any], *, change: bool
    ) -> Branch:
        actor, given = get_user(request), form.cleaned_data
        if not change:
            merchant = given["merchant"]
            name = text_of(row, "name", default_language=merchant.default_language)
            plain = {name: given[name] for name in PLAIN}
            row = create_branch(actor=actor, merchant_id=merchant.pk, branch=BranchInput(name=name, **plain))
        changes = {name: given[name] for name in form.changed_data if name != "merchant"}
        return update_branch(actor=actor, merchant_id=row.merchant_id, branch_id=row.pk, changes=changes)

    def remove(self, request: HttpRequest, row: Branch) -> None:
        delete_branch(actor=get_user(request), merchant_id=row.merchant_id, branch_id=row.pk)
