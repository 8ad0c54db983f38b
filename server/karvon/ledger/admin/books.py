"""Accounts and transactions: to look at, and nothing else."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from karvon.accounts.admin_base import MomentFilter, ReadOnlyInline, RoomAdmin, ScopedFilter, badge
from karvon.kernel.formats import show_amount
from karvon.ledger.models import Account, Entry, Transaction, TransactionKind
from karvon.orders.models import list_payment_methods

KIND_COLOURS = {
    TransactionKind.SALE: "success",
    TransactionKind.CALLED_OFF: "warning",
    TransactionKind.REFUND: "info",
    TransactionKind.PAYOUT: "primary",
    TransactionKind.PAYOUT_PAID: "primary",
    TransactionKind.PAYOUT_RETURNED: "danger",
}


class EntryInline(ReadOnlyInline):
    """What a transaction moved."""

    model = Entry
    fields = ["account", "line", "shown_debit", "shown_credit"]
    readonly_fields = fields
    ordering = ["id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        return super().get_queryset(request).select_related("account__merchant")

    @display(description=gettext_lazy("Debit"))
    def shown_debit(self, entry: Entry) -> str:
        return show_amount(entry.amount, entry.account.currency) if entry.amount > 0 else "–"

    @display(description=gettext_lazy("Credit"))
    def shown_credit(self, entry: Entry) -> str:
        return show_amount(-entry.amount, entry.account.currency) if entry.amount < 0 else "–"


class AccountEntryInline(EntryInline):
    """What moved on an account, newest first."""

    fields = ["at", "transaction", "line", "shown_debit", "shown_credit"]
    readonly_fields = fields
    ordering = ["-at", "-id"]
    per_page = 30

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        return super().get_queryset(request).select_related("transaction")


@admin.register(Account)
class AccountAdmin(RoomAdmin[Account]):
    offers = frozenset({"view"})
    list_display = ["kind", "merchant", "shown_method", "shown_debit", "shown_credit"]
    list_filter = [("kind", ChoicesDropdownFilter), ("merchant", ScopedFilter), "currency"]
    list_select_related = ["merchant"]
    search_fields = ["merchant__name", "merchant__username"]
    search_help_text = gettext_lazy("name of the merchant")
    empty_text = gettext_lazy("Accounts are opened by the first sale that is paid.")
    ordering = ["kind", "currency", "id"]
    fields = ["kind", "merchant", "method", "currency", "shown_debit", "shown_credit"]
    readonly_fields = fields
    inlines = [AccountEntryInline]

    @display(description=gettext_lazy("payment"), ordering="method")
    def shown_method(self, account: Account) -> str:
        return str(dict(list_payment_methods()).get(account.method, account.method)) or "–"

    @display(description=gettext_lazy("Debit"), ordering="balance")
    def shown_debit(self, account: Account) -> str:
        return show_amount(account.balance, account.currency) if account.balance > 0 else "–"

    @display(description=gettext_lazy("Credit"), ordering="-balance")
    def shown_credit(self, account: Account) -> str:
        return show_amount(-account.balance, account.currency) if account.balance < 0 else "–"


@admin.register(Transaction)
class TransactionAdmin(RoomAdmin[Transaction]):
    offers = frozenset({"view"})
    list_display = ["id", "at", "shown_kind", "merchant", "order", "payout"]
    list_filter = [("kind", ChoicesDropdownFilter), ("merchant", ScopedFilter), ("at", MomentFilter)]
    list_select_related = ["merchant", "order", "payout"]
    search_fields = ["=order__number"]
    search_help_text = gettext_lazy("number of the order")
    empty_text = gettext_lazy("Sales, refunds and payouts are posted here by themselves.")
    ordering = ["-at", "-id"]
    fields = ["shown_kind", "at", "posted_at", "merchant", "order", "fulfilment", "payout"]
    readonly_fields = fields
    inlines = [EntryInline]

    @badge(description=gettext_lazy("kind"), colours=KIND_COLOURS, ordering="kind")
    def shown_kind(self, row: Transaction) -> tuple[str, str]:
        return row.kind, row.get_kind_display()
