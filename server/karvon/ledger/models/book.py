from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from karvon.kernel.fields import AmountField, CurrencyField
from karvon.merchants.models import Merchant
from karvon.orders.models import Fulfilment, Order


class AccountKind(models.TextChoices):
    """The chart of accounts; `docs/ledger.md` tells what each is for."""

    PAYABLE = "payable", _("Owed to the merchant")
    COMMISSION = "commission", _("Commission earned")
    CLEARING = "clearing", _("Payments on their way")
    REFUNDS_DUE = "refunds_due", _("Refunds owed to customers")
    PROMOTIONS = "promotions", _("Promotions borne by the platform")
    PAYOUTS_DUE = "payouts_due", _("Payouts being made")
    BANK = "bank", _("Bank")


class TransactionKind(models.TextChoices):
    SALE = "sale", _("Sale")
    CALLED_OFF = "called_off", _("Called off")
    REFUND = "refund", _("Refund")
    SURPLUS = "surplus", _("Paid without need")
    PAYOUT = "payout", _("Payout")
    PAYOUT_PAID = "payout_paid", _("Payout paid")
    PAYOUT_RETURNED = "payout_returned", _("Payout given back")


class EntryLine(models.TextChoices):
    """What an entry is about, for statements."""

    GOODS = "goods", _("Goods")
    DISCOUNT = "discount", _("Discount")
    DELIVERY = "delivery", _("Delivery")
    PROMOTION = "promotion", _("Promotion")
    COMMISSION = "commission", _("Commission")
    PAYMENT = "payment", _("Payment")
    REFUND = "refund", _("Refund")
    AT_THE_DOOR = "at_the_door", _("Taken at the door")
    PAYOUT = "payout", _("Payout")


class Account(models.Model):
    """One pot of money in one currency. `balance` is the sum of its entries: above zero is debit, below zero credit."""

    kind = models.CharField(_("account"), max_length=12, choices=AccountKind)
    merchant = models.ForeignKey(
        Merchant, on_delete=models.PROTECT, null=True, blank=True, related_name="ledger_accounts"
    )
    method = models.CharField(_("payment"), max_length=16, blank=True)
    currency = CurrencyField(_("currency"))
    balance = AmountField(_("balance"), max_digits=18, default=0, db_default=0, editable=False)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["kind", "currency", "merchant_id", "method"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "merchant", "method", "currency"],
                name="ledger_account_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="ledger_account_fits_kind",
                condition=models.Q(kind__in=["payable", "commission"], merchant__isnull=False, method="")
                | (models.Q(kind="clearing", merchant__isnull=True) & ~models.Q(method=""))
                | models.Q(
                    kind__in=["refunds_due", "promotions", "payouts_due", "bank"],
                    merchant__isnull=True,
                    method="",
                ),
            ),
        ]

    def __str__(self) -> str:
        whose = f" · {self.merchant}" if self.merchant_id else f" · {self.method}" if self.method else ""
        return f"{self.get_kind_display()}{whose} · {self.currency}"


class Transaction(models.Model):
    """Entries that belong together and add up to nothing. `key` is what it was posted for, so that it is posted once."""

    key = models.CharField(max_length=96, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=15, choices=TransactionKind)
    currency = CurrencyField(_("currency"))
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, null=True, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="+")
    fulfilment = models.ForeignKey(
        Fulfilment, on_delete=models.PROTECT, null=True, related_name="ledger_transactions"
    )
    payout = models.ForeignKey(
        "Payout", on_delete=models.PROTECT, null=True, related_name="ledger_transactions"
    )
    at = models.DateTimeField(_("when"), help_text=_("when it happened, not when it was posted"))
    posted_at = models.DateTimeField(_("posted"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("transaction")
        verbose_name_plural = _("transactions")
        ordering = ["-at", "-id"]
        indexes = [
            # the back office's list
            models.Index(fields=["-at", "-id"], name="ledger_transaction_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"


class Entry(models.Model):
    """What moved on one account: above zero debits it, below zero credits it. Never changed and never removed."""

    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="entries")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries", db_index=False)
    line = models.CharField(_("line"), max_length=11, choices=EntryLine)
    amount = AmountField(_("amount"))
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="ledger_entry_moves", condition=~models.Q(amount=0)),
        ]
        indexes = [
            # statements, and the balance at a moment, without touching the table
            models.Index(
                fields=["account", "at"], include=["amount", "transaction"], name="ledger_entry_by_account"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_line_display()} {self.amount}"
