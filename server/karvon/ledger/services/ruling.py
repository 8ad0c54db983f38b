"""Commission rules: operators make and change them; orders keep the terms that they were placed under."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from karvon.catalog.models import Category
from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.errors import PermissionRefused, ValidationFailed
from karvon.ledger.errors import CommissionRuleNotFound
from karvon.ledger.models import CommissionRule
from karvon.merchants.models import Merchant

if TYPE_CHECKING:
    from karvon.accounts.models import User


@dataclass(frozen=True, slots=True)
class RuleInput:
    """All that can be said of a rule. `starts_at` None is now; `currency` "" is the merchant's, or the platform's own."""

    percent: Decimal
    merchant_id: int | None = None
    category_id: int | None = None
    fixed: Decimal = Decimal(0)
    currency: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    note: str = ""

    @classmethod
    def of(cls, rule: CommissionRule) -> RuleInput:
        """What would write the rule as it is."""
        return cls(**{each.name: getattr(rule, each.name) for each in fields(cls)})


@transactional
def create_rule(*, data: RuleInput, actor: User | None, now: datetime | None = None) -> CommissionRule:
    """Make a rule. Raises PermissionRefused, ValidationFailed."""
    return _write(CommissionRule(), data, actor, now or clock.now())


@transactional
def update_rule(
    *, rule_id: int, data: RuleInput, actor: User | None, now: datetime | None = None
) -> CommissionRule:
    """Change a rule for the orders to come. Raises CommissionRuleNotFound, PermissionRefused, ValidationFailed."""
    return _write(_lock(rule_id, actor), data, actor, now or clock.now())


@transactional
def delete_rule(*, rule_id: int, actor: User | None) -> None:
    """Remove a rule. Raises CommissionRuleNotFound, PermissionRefused."""
    _lock(rule_id, actor).delete()


def _lock(rule_id: int, actor: User | None) -> CommissionRule:
    _require_operator(actor)
    rule = CommissionRule.objects.select_for_update().filter(pk=rule_id).first()
    if rule is None:
        raise CommissionRuleNotFound
    return rule


def _require_operator(actor: User | None) -> None:
    if actor is not None and not actor.is_operator:
        raise PermissionRefused


def _write(rule: CommissionRule, data: RuleInput, actor: User | None, now: datetime) -> CommissionRule:
    _require_operator(actor)
    merchant = Merchant.objects.filter(pk=data.merchant_id).first() if data.merchant_id else None
    starts_at = data.starts_at or now
    _check(data, merchant, starts_at)
    rule.merchant, rule.category_id = merchant, data.category_id
    rule.percent, rule.fixed = data.percent, data.fixed
    rule.currency = data.currency or (merchant.currency if merchant else settings.KARVON_DEFAULT_CURRENCY)
    rule.starts_at, rule.ends_at, rule.note = starts_at, data.ends_at, data.note
    rule.save()
    return rule


def _check(data: RuleInput, merchant: Merchant | None, starts_at: datetime) -> None:
    problems: dict[str, list[str]] = {}
    if data.merchant_id and merchant is None:
        problems["merchant"] = [_("There is no such merchant.")]
    if data.category_id and not Category.objects.filter(pk=data.category_id).exists():
        problems["category"] = [_("There is no such category.")]
    if not 0 <= data.percent <= 100:
        problems["percent"] = [_("A percentage is at least 0 and at most 100.")]
    if data.fixed < 0:
        problems["fixed"] = [_("Must not be negative.")]
    if data.ends_at is not None and data.ends_at <= starts_at:
        problems["ends_at"] = [_("Must be after the start.")]
    if problems:
        raise ValidationFailed(details=problems)
