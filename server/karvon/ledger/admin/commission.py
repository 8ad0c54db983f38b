"""What the platform takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from karvon.accounts.admin_base import MomentFilter, RoomAdmin, ScopedFilter, get_user
from karvon.kernel.formats import plain_number, show_amount
from karvon.ledger.models import CommissionRule
from karvon.ledger.services import RuleInput, create_rule, delete_rule, update_rule


@admin.register(CommissionRule)
class CommissionRuleAdmin(RoomAdmin[CommissionRule]):
    list_display = ["shown_scope", "shown_terms", "starts_at", "ends_at", "note"]
    list_filter = [("merchant", ScopedFilter), ("category", ScopedFilter), ("starts_at", MomentFilter)]
    list_select_related = ["merchant", "category"]
    search_fields = ["merchant__name", "category__name", "note"]
    search_help_text = gettext_lazy("merchant, category or note")
    empty_text = gettext_lazy("Where no rule applies, the platform takes what its settings say.")
    ordering = ["-id"]
    autocomplete_fields = ["merchant", "category"]
    fields = ["merchant", "category", "percent", "fixed", "currency", "starts_at", "ends_at", "note"]
    field_names = {"merchant_id": "merchant", "category_id": "category"}

    def get_form(
        self, request: HttpRequest, obj: CommissionRule | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form_class = super().get_form(request, obj, change=change, **kwargs)
        for name in ("currency", "starts_at", "fixed"):
            if name in form_class.base_fields:
                form_class.base_fields[name].required = False
        return form_class

    def write(
        self, request: HttpRequest, row: CommissionRule, form: Any, formsets: Sequence[Any], *, change: bool
    ) -> CommissionRule:
        given = form.cleaned_data
        merchant, category = given.get("merchant"), given.get("category")
        data = RuleInput(
            percent=given["percent"],
            merchant_id=merchant.pk if merchant else None,
            category_id=category.pk if category else None,
            fixed=given.get("fixed") or RuleInput.fixed,
            currency=given.get("currency") or "",
            starts_at=given.get("starts_at"),
            ends_at=given.get("ends_at"),
            note=given.get("note") or "",
        )
        actor = get_user(request)
        return (
            update_rule(rule_id=row.pk, data=data, actor=actor)
            if change
            else create_rule(data=data, actor=actor)
        )

    def remove(self, request: HttpRequest, row: CommissionRule) -> None:
        delete_rule(rule_id=row.pk, actor=get_user(request))

    @display(description=gettext_lazy("For"), header=True)
    def shown_scope(self, rule: CommissionRule) -> list[str]:
        return [
            str(rule.merchant) if rule.merchant else _("All merchants"),
            str(rule.category) if rule.category else _("everything"),
        ]

    @display(description=gettext_lazy("Commission"), ordering="percent")
    def shown_terms(self, rule: CommissionRule) -> str:
        percent = f"{plain_number(rule.percent)} %"
        return f"{percent} + {show_amount(rule.fixed, rule.currency)}" if rule.fixed else percent
