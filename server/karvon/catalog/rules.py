"""Which products belong to a collection by rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from karvon.catalog.texts import has_control_characters
from karvon.kernel.errors import ValidationFailed

if TYPE_CHECKING:
    from karvon.catalog.window.facts import ProductFacts

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda have, want: have == want or (isinstance(have, set) and want in have),
    "in": lambda have, want: bool(have & set(want)) if isinstance(have, set) else have in want,
    "lt": lambda have, want: have is not None and have < want,
    "gt": lambda have, want: have is not None and have > want,
}
LONGEST_TEXT = 255


def check_rule(rule: Mapping[str, Any]) -> None:
    """Raise ValidationFailed for a rule that could not be worked out."""
    conditions = rule.get("all")
    if not isinstance(conditions, list) or not 0 < len(conditions) <= 10:
        raise _refusal(_("From one to ten conditions under “all” are needed."))
    for condition in conditions:
        if not isinstance(condition, dict) or sorted(condition) != ["field", "op", "value"]:
            raise _refusal(_("A condition has a field, an op and a value."))
        name, op, value = (condition[key] for key in ("field", "op", "value"))
        if not isinstance(name, str) or name not in FIELDS:
            raise _refusal(_("A field is one of: %(names)s.") % {"names": ", ".join(FIELDS)})
        operators, is_value = FIELDS[name]
        if op not in operators:
            message = _("“%(field)s” is compared by: %(names)s.")
            raise _refusal(message % {"field": name, "names": ", ".join(operators)})
        values = value if op == "in" else [value]
        if not isinstance(values, list) or len(values) > 100 or not all(map(is_value, values)):
            raise _refusal(_("“%(field)s” cannot be compared with this.") % {"field": name})


def _refusal(message: str) -> ValidationFailed:
    return ValidationFailed(details={"rule": [message]})


def _is_amount(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and abs(Decimal(str(value))) < 10**12
    except ArithmeticError:
        return False


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and not has_control_characters(value)


# field → (operators that make sense, whether a value is of its kind)
FIELDS: dict[str, tuple[tuple[str, ...], Callable[[Any], bool]]] = {
    "price": (("eq", "lt", "gt", "in"), _is_amount),
    "tag": (("eq", "in"), _is_text),
    "category": (("eq", "in"), _is_whole),
    "vendor": (("eq", "in"), _is_text),
    "kind": (("eq", "in"), _is_text),
    "on_sale": (("eq",), lambda value: isinstance(value, bool)),
    # at most so many days old
    "created_within_days": (("eq",), lambda value: _is_whole(value) and value <= 3650),
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
