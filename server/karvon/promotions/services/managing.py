"""Making and changing promotions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from karvon.catalog.models import Category, Product
from karvon.kernel.db import transactional
from karvon.kernel.errors import NotFound, PermissionRefused, ValidationFailed
from karvon.merchants import policies
from karvon.merchants.models import Merchant
from karvon.promotions.errors import CodeTaken, PromotionInUse
from karvon.promotions.models import Bearer, Promotion, PromotionKind
from karvon.promotions.selectors import get_promotion

if TYPE_CHECKING:
    from karvon.accounts.models import User

CODE_PATTERN = re.compile(r"[A-Z0-9][A-Z0-9_-]{2,39}")
MANAGE = "manage_promotions"
PLAIN_FIELDS = (
    "kind",
    "name",
    "merchant_id",
    "value",
    "minimum_subtotal",
    "maximum_discount",
    "starts_at",
    "ends_at",
    "total_limit",
    "per_customer_limit",
    "priority",
    "is_stackable",
    "is_active",
)


@dataclass(frozen=True, slots=True)
class PromotionInput:
    """All that can be said of a promotion.

    `merchant_id` None is the platform's (operators only); `currency` "" is the merchant's; `name` is in the
    active language, `names` holds (language, text) pairs to set beside it.
    """

    kind: str
    name: str
    merchant_id: int | None = None
    code: str | None = None
    value: Decimal = Decimal(0)
    currency: str = ""
    minimum_subtotal: Decimal = Decimal(0)
    maximum_discount: Decimal | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    total_limit: int | None = None
    per_customer_limit: int | None = None
    product_ids: tuple[int, ...] = ()
    category_ids: tuple[int, ...] = ()
    priority: int = 100
    is_stackable: bool = True
    borne_by: str = Bearer.MERCHANT
    is_active: bool = True
    names: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, promotion: Promotion) -> PromotionInput:
        """What would write the promotion as it is."""
        return cls(
            kind=promotion.kind,
            name=promotion.name,
            merchant_id=promotion.merchant_id,
            code=promotion.code,
            value=promotion.value,
            currency=promotion.currency,
            minimum_subtotal=promotion.minimum_subtotal,
            maximum_discount=promotion.maximum_discount,
            starts_at=promotion.starts_at,
            ends_at=promotion.ends_at,
            total_limit=promotion.total_limit,
            per_customer_limit=promotion.per_customer_limit,
            product_ids=tuple(product.pk for product in promotion.products.all()),
            category_ids=tuple(category.pk for category in promotion.categories.all()),
            priority=promotion.priority,
            is_stackable=promotion.is_stackable,
            borne_by=promotion.borne_by,
            is_active=promotion.is_active,
        )


@transactional
def create_promotion(*, data: PromotionInput, actor: User | None) -> Promotion:
    """Make a promotion. Raises ValidationFailed, NotFound (another's merchant), PermissionRefused,
    CodeTaken (409).
    """
    _require_rights(data.merchant_id, actor)
    return _write(Promotion(), data, actor)


@transactional
def update_promotion(*, promotion_id: int, data: PromotionInput, actor: User | None) -> Promotion:
    """Change a promotion; it stays with its merchant. Raises as `create_promotion`."""
    promotion = Promotion.objects.select_for_update().filter(pk=promotion_id).first()
    if promotion is None:
        raise NotFound
    if actor is not None:
        get_promotion(promotion_id, actor)
    _require_rights(promotion.merchant_id, actor)
    if data.merchant_id != promotion.merchant_id:
        message = _("A promotion stays with its merchant.")
        raise ValidationFailed(message, details={"merchant": [message]})
    if data.total_limit is not None and data.total_limit < promotion.used_count:
        message = _("It has already been used %(count)d times.") % {"count": promotion.used_count}
        raise ValidationFailed(message, details={"total_limit": [message]})
    return _write(promotion, data, actor)


@transactional
def delete_promotion(*, promotion_id: int, actor: User | None) -> None:
    """Remove a promotion that no order has used. Raises NotFound, PermissionRefused, PromotionInUse (409)."""
    promotion = Promotion.objects.select_for_update().filter(pk=promotion_id).first()
    if promotion is None:
        raise NotFound
    if actor is not None:
        get_promotion(promotion_id, actor)
    _require_rights(promotion.merchant_id, actor)
    if promotion.uses.exists():
        raise PromotionInUse
    promotion.delete()


def _require_rights(merchant_id: int | None, actor: User | None) -> None:
    if actor is None:
        return
    if merchant_id is not None:
        policies.require(actor, merchant_id, MANAGE)
    elif not actor.is_operator:
        raise PermissionRefused


def _write(promotion: Promotion, data: PromotionInput, actor: User | None) -> Promotion:
    merchant = Merchant.objects.filter(pk=data.merchant_id).first() if data.merchant_id else None
    code = _clean_code(data.code)
    _check_value(data)
    _check_dates(data)
    for field in PLAIN_FIELDS:
        setattr(promotion, field, getattr(data, field))
    for language, text in data.names:
        setattr(promotion, f"name_{language}", text)
    promotion.code = code
    promotion.currency = _currency(data, merchant)
    promotion.borne_by = _bearer(data, actor)
    products = _in_scope(data.product_ids, data.merchant_id)
    categories = _existing_categories(data.category_ids)
    try:
        with transaction.atomic():
            promotion.save()
    except IntegrityError as error:
        if "promotion_code_unique_ci" in str(error):
            raise CodeTaken(details={"code": [str(CodeTaken.message)]}) from error
        raise
    promotion.products.set(products)
    promotion.categories.set(categories)
    return promotion


def _clean_code(code: str | None) -> str | None:
    if code is None or not code.strip():
        return None
    cleaned = code.strip().upper()
    if not CODE_PATTERN.fullmatch(cleaned):
        message = _("Use 3 to 40 letters A to Z, digits, - and _.")
        raise ValidationFailed(message, details={"code": [message]})
    return cleaned


def _check_value(data: PromotionInput) -> None:
    if data.kind not in PromotionKind.values:
        raise ValidationFailed(details={"kind": [_("Choose one of the kinds.")]})
    problems: dict[str, list[str]] = {}
    if data.kind == PromotionKind.PERCENT and not 0 < data.value <= 100:
        problems["value"] = [_("A percentage is above 0 and at most 100.")]
    if data.kind == PromotionKind.FIXED and data.value <= 0:
        problems["value"] = [_("Must be above zero.")]
    if data.value < 0 or data.minimum_subtotal < 0:
        problems.setdefault("minimum_subtotal" if data.value >= 0 else "value", [_("Must not be negative.")])
    if data.maximum_discount is not None and data.maximum_discount <= 0:
        problems["maximum_discount"] = [_("Must be above zero.")]
    if problems:
        raise ValidationFailed(details=problems)


def _check_dates(data: PromotionInput) -> None:
    if data.starts_at and data.ends_at and data.starts_at >= data.ends_at:
        message = _("Must be after the start.")
        raise ValidationFailed(message, details={"ends_at": [message]})


def _currency(data: PromotionInput, merchant: Merchant | None) -> str:
    currency = data.currency or (merchant.currency if merchant else "")
    if not currency:
        message = _("Say which currency.")
        raise ValidationFailed(message, details={"currency": [message]})
    return currency


def _bearer(data: PromotionInput, actor: User | None) -> str:
    """Only operators may promise the platform's money."""
    if data.merchant_id is None:
        return Bearer.PLATFORM
    may_choose = actor is None or actor.is_operator
    return data.borne_by if may_choose else Bearer.MERCHANT


def _in_scope(product_ids: Iterable[int], merchant_id: int | None) -> list[Product]:
    wanted = set(product_ids)
    products = Product.objects.filter(pk__in=wanted, deleted_at__isnull=True)
    if merchant_id is not None:
        products = products.filter(merchant_id=merchant_id)
    found = list(products)
    if len(found) != len(wanted):
        message = _("Some of these products do not exist.")
        raise ValidationFailed(message, details={"products": [message]})
    return found


def _existing_categories(category_ids: Iterable[int]) -> list[Category]:
    wanted = set(category_ids)
    found = list(Category.objects.filter(pk__in=wanted))
    if len(found) != len(wanted):
        message = _("Some of these categories do not exist.")
        raise ValidationFailed(message, details={"categories": [message]})
    return found
