"""Balances, statements, payouts and commission as the API takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from karvon.api.fields import RowIdField
from karvon.api.payouts import PayoutDetail
from karvon.ledger.models import AccountKind, TransactionKind
from karvon.ledger.services import RuleInput

CURRENCY = r"^[A-Z]{3}$"


class LedgerAmountField(serializers.DecimalField):
    """A decimal string, not negative."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=15, decimal_places=3, min_value=Decimal(0), **kwargs)


class BalanceQuery(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=AccountKind.choices, required=False)
    merchant = RowIdField(required=False)
    currency = serializers.RegexField(CURRENCY, required=False)


class BalanceDetail(serializers.Serializer[Any]):
    """`balance` is above zero where the account holds a debit; `owed` is what a `payable` account owes its merchant."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=AccountKind.choices)
    merchant = serializers.IntegerField(allow_null=True)
    merchant_name = serializers.CharField(allow_null=True)
    method = serializers.CharField()
    currency = serializers.CharField()
    balance = serializers.CharField()
    owed = serializers.CharField(allow_null=True)


class StatementQuery(serializers.Serializer[Any]):
    """Days are the merchant's, both included; this month when left out."""

    date_from = serializers.DateField(required=False)
    date_to = serializers.DateField(required=False)
    currency = serializers.RegexField(CURRENCY, required=False)


class StatementLineDetail(serializers.Serializer[Any]):
    """`amount` is the sum of the others; `balance` is what is owed to the merchant after it."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=TransactionKind.choices)
    at = serializers.DateTimeField()
    order_number = serializers.CharField()
    part_number = serializers.CharField()
    payout = serializers.IntegerField(allow_null=True)
    goods = serializers.CharField()
    discount = serializers.CharField()
    delivery = serializers.CharField()
    commission = serializers.CharField()
    at_the_door = serializers.CharField()
    paid_out = serializers.CharField()
    amount = serializers.CharField()
    balance = serializers.CharField()


class StatementTotals(serializers.Serializer[Any]):
    goods = serializers.CharField()
    discount = serializers.CharField()
    delivery = serializers.CharField()
    commission = serializers.CharField()
    at_the_door = serializers.CharField()
    paid_out = serializers.CharField()
    amount = serializers.CharField()


class StatementDetail(serializers.Serializer[Any]):
    """`opening` and the sum of the lines make `closing`."""

    merchant = serializers.IntegerField()
    currency = serializers.CharField()
    date_from = serializers.DateField()
    date_to = serializers.DateField()
    opening = serializers.CharField()
    lines = StatementLineDetail(many=True)
    totals = StatementTotals()
    closing = serializers.CharField()


class BankDetailsRequest(serializers.Serializer[Any]):
    """`number` is an IBAN or the bank's own; `code` a BIC, SWIFT or MFO."""

    holder = serializers.CharField(max_length=200)
    bank = serializers.CharField(max_length=200)
    number = serializers.CharField(max_length=60)
    code = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")


class BankDetailsDetail(serializers.Serializer[Any]):
    """`number` is masked."""

    merchant = serializers.IntegerField()
    holder = serializers.CharField()
    bank = serializers.CharField()
    code = serializers.CharField()
    number = serializers.CharField()
    changed_at = serializers.DateTimeField()
    trusted_at = serializers.DateTimeField(help_text="Payouts made before are held until then.")


class PayoutPaidRequest(serializers.Serializer[Any]):
    """`reference` is what the bank calls the transfer."""

    reference = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")


class PayoutReasonRequest(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class PayoutBatchRequest(serializers.Serializer[Any]):
    """Everybody who earned `minimum` or more before `until`, or only `merchants`."""

    currency = serializers.RegexField(CURRENCY)
    until = serializers.DateTimeField()
    minimum = LedgerAmountField(required=False)
    merchants = serializers.ListField(child=RowIdField(), required=False, max_length=1000)
    note = serializers.CharField(max_length=255, required=False, allow_blank=True)


class PayoutBatchBrief(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    currency = serializers.CharField()
    until = serializers.DateTimeField()
    minimum = serializers.CharField()
    note = serializers.CharField()
    made_by = serializers.IntegerField(allow_null=True)
    made_at = serializers.DateTimeField()
    count = serializers.IntegerField()
    total = serializers.CharField()


class PayoutBatchDetail(PayoutBatchBrief):
    payouts = PayoutDetail(many=True)


class PayoutRefusal(serializers.Serializer[Any]):
    payout = serializers.IntegerField()
    code = serializers.CharField()
    error = serializers.CharField()


class PayoutBatchApproved(PayoutBatchDetail):
    """`refused` tells which drafts wait, and why."""

    refused = PayoutRefusal(many=True)


class CommissionRuleRequest(serializers.Serializer[Any]):
    """Without `merchant` it is for all, without `category` for everything that is sold."""

    merchant = RowIdField(required=False, allow_null=True)
    category = RowIdField(required=False, allow_null=True)
    percent = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=Decimal(0), max_value=Decimal(100)
    )
    fixed = LedgerAmountField(required=False)
    currency = serializers.RegexField(CURRENCY, required=False)
    starts_at = serializers.DateTimeField(required=False)
    ends_at = serializers.DateTimeField(required=False, allow_null=True)
    note = serializers.CharField(max_length=255, required=False, allow_blank=True)

    def to_input(self, known: RuleInput | None = None) -> RuleInput:
        """The service's input; with `known`, what was not sent stays."""
        renamed = {"merchant": "merchant_id", "category": "category_id"}
        sent = {renamed.get(name, name): value for name, value in self.validated_data.items()}
        return RuleInput(**sent) if known is None else replace(known, **sent)


class CommissionRuleQuery(serializers.Serializer[Any]):
    merchant = RowIdField(required=False)
    category = RowIdField(required=False)


class CommissionRuleDetail(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    merchant = serializers.IntegerField(allow_null=True)
    category = serializers.IntegerField(allow_null=True)
    percent = serializers.CharField()
    fixed = serializers.CharField()
    currency = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()
