"""Which products belong to a collection by rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from karvon.kernel.errors import ValidationFailed

if TYPE_CHECKING:
    from karvon.catalog.window.facts import ProductFacts

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
        _check_value(condition["field"], condition["value"])


def _check_value(name: str, value: Any) -> None:
    """Raise ValidationFailed for a value of another kind than its field's."""
    values = value if isinstance(value, list) else [value]
    if len(values) > 100 or not all(_VALUES[name](each) for each in values):
        raise ValidationFailed(
            details={"rule": [_("“%(field)s” cannot be compared with this.") % {"field": name}]}
        )


def _is_amount(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


_VALUES: dict[str, Callable[[Any], bool]] = {
    "price": _is_amount,
    "tag": lambda value: isinstance(value, str),
    "category": _is_whole,
    "vendor": lambda value: isinstance(value, str),
    "kind": lambda value: isinstance(value, str),
    "on_sale": lambda value: isinstance(value, bool),
    "created_within_days": lambda value: _is_whole(value) and value <= 3650,
}


def matches(rule: Mapping[str, Any], product: ProductFacts, now: datetime) -> bool:
    """Whether every condition holds; a broken rule matches nothing."""
    try:
        return all(_holds(condition, product, now) for condition in rule["all"])
    except (KeyError, TypeError, InvalidOperation, ValueError, OverflowError):
        return False


def _holds(condition: Mapping[str, Any], product: ProductFacts, now: datetime) -> bool:
    name, op, want = condition["field"], _OPERATORS[condition["op"]], condition["value"]
    if name == "created_within_days":
        return product.created_at >= now - timedelta(days=int(want))
    if name == "on_sale":
        return bool(want) == any(
            variant.compare_at_price is not None and variant.compare_at_price > variant.price
            for variant in product.variants
        )
    if name == "price":
        prices = [variant.price for variant in product.variants]
        wanted = [_amount(each) for each in want] if isinstance(want, list) else _amount(want)
        return bool(prices) and op(min(prices), wanted)
    have: Any = {
        "tag": {tag.slug for tag in product.tags},
        "category": {category.id for category in product.path},
        "vendor": product.vendor,
        "kind": product.kind,
    }[name]
    return op(have, want)


def _amount(value: Any) -> Decimal:
    return Decimal(str(value))
