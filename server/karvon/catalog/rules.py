"""Which products belong to a collection by rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from karvon.catalog.models import Product
from karvon.kernel.errors import ValidationFailed

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda have, want: have == want or (isinstance(have, set) and want in have),
    "in": lambda have, want: bool(have & set(want)) if isinstance(have, set) else have in want,
    "lt": lambda have, want: have is not None and have < want,
    "gt": lambda have, want: have is not None and have > want,
}
FIELDS = ("price", "tag", "category", "vendor", "kind", "on_sale", "created_within_days")


def check_rule(rule: Mapping[str, Any]) -> None:
    """Raise ValidationFailed for a rule that could not be worked out."""
    conditions = rule.get("all")
    if not isinstance(conditions, list) or not 0 < len(conditions) <= 10:
        raise ValidationFailed(details={"rule": [_("From one to ten conditions under “all” are needed.")]})
    for condition in conditions:
        known = (
            isinstance(condition, dict)
            and condition.get("field") in FIELDS
            and condition.get("op") in _OPERATORS
        )
        if not known or "value" not in condition:
            raise ValidationFailed(details={"rule": [_("A condition has a field, an op and a value.")]})
        if condition["op"] == "in" and not isinstance(condition["value"], list):
            raise ValidationFailed(details={"rule": [_("“in” needs a list.")]})


def matches(rule: Mapping[str, Any], product: Product, category_path: tuple[int, ...], now: datetime) -> bool:
    """Whether every condition holds; a broken rule matches nothing."""
    try:
        return all(_holds(condition, product, category_path, now) for condition in rule["all"])
    except (KeyError, TypeError, InvalidOperation, ValueError):
        return False


def _holds(condition: Mapping[str, Any], product: Product, path: tuple[int, ...], now: datetime) -> bool:
    name, op, want = condition["field"], _OPERATORS[condition["op"]], condition["value"]
    if name == "created_within_days":
        return product.created_at >= now - timedelta(days=int(want))
    if name == "on_sale":
        return bool(want) == any(
            variant.compare_at_price and variant.compare_at_price > variant.price
            for variant in product.variants.all()
        )
    if name == "price":
        prices = [variant.price for variant in product.variants.all()]
        return bool(prices) and op(min(prices), Decimal(str(want)))
    have: Any = {
        "tag": {tag.slug for tag in product.tags.all()},
        "category": set(path),
        "vendor": product.vendor,
        "kind": product.kind,
    }[name]
    return op(have, want)
