from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from karvon.accounts.admin_base import ScopedFilter, get_user
from karvon.accounts.admin_pages import text_field
from karvon.merchants.admin_base import MerchantRoomAdmin
from karvon.merchants.models import MerchantStaff
from karvon.merchants.policies import Action
from karvon.merchants.services import add_staff_by_name, remove_staff, update_staff


class StaffAddForm(forms.ModelForm[MerchantStaff]):
    """The person is named, not picked from a list: shops do not see each other's customers."""

    person = text_field(gettext_lazy("Email, username or phone of the person"), max_length=254)

    class Meta:
        model = MerchantStaff
        fields = ["merchant", "role"]


@admin.register(MerchantStaff)
class MerchantStaffAdmin(MerchantRoomAdmin[MerchantStaff]):
    duty = Action.MANAGE_STAFF
    view_duty = Action.VIEW_STAFF
    list_display = ["user", "merchant", "role", "is_active", "created_at"]
    list_select_related = ["user", "merchant"]
    list_filter = [("merchant", ScopedFilter), ("role", ChoicesDropdownFilter), "is_active"]
    search_fields = ["user__email", "user__username", "user__first_name", "user__last_name", "merchant__name"]
    ordering = ["merchant_id", "id"]
    autocomplete_fields = ["merchant"]
    field_names = {"user": "person"}

    def get_fields(self, request: HttpRequest, obj: MerchantStaff | None = None) -> Any:
        return ["merchant", "person", "role"] if obj is None else ["merchant", "user", "role", "is_active"]

    def get_readonly_fields(self, request: HttpRequest, obj: MerchantStaff | None = None) -> Any:
        return [] if obj is None else ["merchant", "user"]

    def get_form(
        self, request: HttpRequest, obj: MerchantStaff | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = StaffAddForm
        return super().get_form(request, obj, change=change, **kwargs)

    def write(
        self, request: HttpRequest, row: MerchantStaff, form: Any, formsets: Sequence[Any], *, change: bool
    ) -> MerchantStaff:
        actor, given = get_user(request), form.cleaned_data
        if not change:
            return add_staff_by_name(
                actor=actor, merchant_id=given["merchant"].pk, name=given["person"], role=given["role"]
            )
        return update_staff(
            actor=actor,
            merchant_id=row.merchant_id,
            staff_id=row.pk,
            role=given["role"],
            is_active=given["is_active"],
        )

    def remove(self, request: HttpRequest, row: MerchantStaff) -> None:
        remove_staff(actor=get_user(request), merchant_id=row.merchant_id, staff_id=row.pk)
