"""Reads of the ledger, scoped by who asks: operators see all, a merchant's owner and managers their own."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.db.models import Count, QuerySet, Subquery, Sum

from karvon.kernel.errors import PermissionRefused
from karvon.ledger.errors import BankDetailsMissing, CommissionRuleNotFound, PayoutNotFound
from karvon.ledger.models import (
    Account,
    AccountKind,
    BankDetails,
    CommissionRule,
    Payout,
    PayoutBatch,
    PayoutState,
)
from karvon.merchants.policies import Action, require
from karvon.merchants.selectors import merchant_ids_allowing

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from karvon.accounts.models import User

    Principal = User | AnonymousUser

SHOWN_PAYOUTS: Final = 5


def accounts_visible_to(principal: Principal) -> QuerySet[Account]:
    """The whole chart for operators; what is owed to their merchants for others."""
    accounts = Account.objects.select_related("merchant").order_by("kind", "currency", "pk")
    if principal.is_authenticated and principal.is_operator:
        return accounts
    merchants = merchant_ids_allowing(principal, Action.VIEW_REPORTS)
    return accounts.filter(kind=AccountKind.PAYABLE, merchant__in=merchants)


def payouts_visible_to(principal: Principal) -> QuerySet[Payout]:
    """Newest first."""
    payouts = Payout.objects.select_related("merchant", "batch").order_by("-pk")
    if principal.is_authenticated and principal.is_operator:
        return payouts
    return payouts.filter(merchant__in=merchant_ids_allowing(principal, Action.VIEW_REPORTS))


def list_payouts(merchant_id: int, principal: User, *, state: str = "") -> QuerySet[Payout]:
    """One merchant's, newest first. Raises what `policies.require` raises."""
    require(principal, merchant_id, Action.VIEW_REPORTS)
    payouts = Payout.objects.filter(merchant=merchant_id).select_related("merchant", "batch").order_by("-pk")
    return payouts.filter(state=state) if state else payouts


@dataclass(frozen=True, slots=True)
class PayoutSummary:
    """`balance` is owed and not set aside yet (below zero the merchant owes it), `pending` is set aside in payouts that are
    made or approved; `latest` are the last payouts, newest first.
    """

    balance: Decimal
    pending: Decimal
    latest: tuple[Payout, ...]


def read_payout_summary(merchant_id: int, currency: str) -> PayoutSummary:
    """What a merchant has to come in one currency, for callers that have asked the policies: two queries."""
    payouts = Payout.objects.filter(merchant=merchant_id, currency=currency)
    open_ones = payouts.filter(state__in=(PayoutState.DRAFT, PayoutState.APPROVED)).order_by()
    pending = open_ones.values("merchant").annotate(sum=Sum("amount")).values("sum")
    accounts = Account.objects.filter(kind=AccountKind.PAYABLE, merchant=merchant_id, currency=currency)
    latest = tuple(payouts.select_related("merchant", "batch").order_by("-pk")[:SHOWN_PAYOUTS])
    account = accounts.annotate(pending=Subquery(pending)).first()
    if account is None:  # nothing was ever owed
        return PayoutSummary(Decimal(0), Decimal(0), latest)
    return PayoutSummary(-account.balance, account.pending or Decimal(0), latest)


def get_payout(payout_id: int, principal: Principal) -> Payout:
    """One payout. Raises PayoutNotFound."""
    payout = payouts_visible_to(principal).filter(pk=payout_id).first()
    if payout is None:
        raise PayoutNotFound
    return payout


def list_batches(principal: Principal) -> QuerySet[PayoutBatch]:
    """For operators, with the number and sum of payouts, newest first. Raises PermissionRefused."""
    if not principal.is_authenticated or not principal.is_operator:
        raise PermissionRefused
    return PayoutBatch.objects.annotate(
        payouts_count=Count("payouts"), payouts_total=Sum("payouts__amount")
    ).order_by("-pk")


def get_batch(batch_id: int, principal: Principal) -> PayoutBatch:
    """One batch with its payouts. Raises PayoutNotFound, PermissionRefused."""
    batch = list_batches(principal).filter(pk=batch_id).first()
    if batch is None:
        raise PayoutNotFound
    return batch


def payouts_of(batch: PayoutBatch) -> QuerySet[Payout]:
    """In the order in which they were made."""
    return batch.payouts.select_related("merchant", "batch").order_by("pk")


def approved_payouts_of(batch: PayoutBatch) -> QuerySet[Payout]:
    """What the bank is to pay, or was told to."""
    return payouts_of(batch).exclude(state__in=[PayoutState.DRAFT, PayoutState.CANCELLED])


def get_bank_details(merchant_id: int, principal: User) -> BankDetails:
    """Where a merchant's payouts go. Raises BankDetailsMissing and what `policies.require` raises."""
    require(principal, merchant_id, Action.VIEW_REPORTS)
    details = BankDetails.objects.filter(merchant=merchant_id).first()
    if details is None:
        raise BankDetailsMissing
    return details


def list_rules(principal: Principal) -> QuerySet[CommissionRule]:
    """For operators. Raises PermissionRefused."""
    if not principal.is_authenticated or not principal.is_operator:
        raise PermissionRefused
    return CommissionRule.objects.select_related("merchant", "category").order_by("-pk")


def get_rule(rule_id: int, principal: Principal) -> CommissionRule:
    """One rule. Raises CommissionRuleNotFound, PermissionRefused."""
    rule = list_rules(principal).filter(pk=rule_id).first()
    if rule is None:
        raise CommissionRuleNotFound
    return rule
