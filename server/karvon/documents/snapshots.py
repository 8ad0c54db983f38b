"""What stands on a document, as values: taken once from the order, kept as JSON, read again for every rendering.

Nothing here is in a language or rounded for show; `sheets` makes sentences of it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

ZERO = Decimal(0)


@dataclass(frozen=True)
class Seller:
    """The merchant, at the branch that hands over. `tax_rate` is a percentage that prices include; 0 where none is known."""

    name: str
    address: str
    phone: str
    email: str
    tax_rate: Decimal


@dataclass(frozen=True)
class Buyer:
    name: str
    phone: str
    email: str
    address: str


@dataclass(frozen=True)
class SoldLine:
    """A line of goods; `quantity` × `unit_price` = `subtotal`, less `discount` = `total`, of which `tax` is tax."""

    title: str
    sku: str
    options: tuple[str, ...]
    modifiers: tuple[str, ...]
    quantity: int
    unit_price: Decimal
    subtotal: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal


@dataclass(frozen=True)
class Reference:
    """The document that this one is about."""

    number: str
    issued_at: datetime


@dataclass(frozen=True)
class Snapshot:
    """`total` is what the document is about: agreed, paid, or given back. In an invoice and a receipt
    total - called_off = paid - refunded + due - (what is still to be given back).

    `lines` of a credit note are the units called off where they are worth `total`; else there are none.
    """

    order_number: str
    parts: tuple[str, ...]
    placed_at: datetime
    timezone: str
    payment_method: str
    delivery_type: str
    seller: Seller
    buyer: Buyer
    lines: tuple[SoldLine, ...]
    discounts: tuple[tuple[str, Decimal], ...]
    subtotal: Decimal
    delivery_fee: Decimal
    tax: Decimal
    total: Decimal
    called_off: Decimal = ZERO
    paid: Decimal = ZERO
    refunded: Decimal = ZERO
    due: Decimal = ZERO
    paid_at: datetime | None = None
    refers_to: Reference | None = None
    # of each line of the part, how many units this credit note and those before it have given back
    credited: tuple[tuple[int, int], ...] = ()


def to_json(snapshot: Snapshot) -> dict[str, Any]:
    """JSON values: decimals as strings, moments in ISO 8601."""
    written: dict[str, Any] = _write(asdict(snapshot))
    return written


def _write(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _write(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_write(each) for each in value]
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value


_AMOUNTS = {
    "tax_rate", "unit_price", "subtotal", "discount", "delivery_fee", "tax", "total", "called_off", "paid", "refunded", "due",
}  # fmt: skip
_MOMENTS = {"placed_at", "paid_at", "issued_at"}


def from_json(written: dict[str, Any]) -> Snapshot:
    """What `to_json` wrote; names that are not known any more are left out."""
    values = _read(Snapshot, written)
    values["seller"] = Seller(**_read(Seller, written["seller"]))
    values["buyer"] = Buyer(**_read(Buyer, written["buyer"]))
    values["lines"] = tuple(_line(each) for each in written["lines"])
    values["discounts"] = tuple((name, Decimal(amount)) for name, amount in written["discounts"])
    values["credited"] = tuple((line, units) for line, units in written.get("credited", ()))
    values["parts"] = tuple(written["parts"])
    if written.get("refers_to"):
        values["refers_to"] = Reference(**_read(Reference, written["refers_to"]))
    return Snapshot(**values)


def _line(written: dict[str, Any]) -> SoldLine:
    values = _read(SoldLine, written)
    return SoldLine(
        **values | {"options": tuple(written["options"]), "modifiers": tuple(written["modifiers"])}
    )


def _read(kind: type[Any], written: dict[str, Any]) -> dict[str, Any]:
    known = {each.name for each in fields(kind)}
    return {name: _value(name, value) for name, value in written.items() if name in known}


def _value(name: str, value: Any) -> Any:
    if value is not None and name in _AMOUNTS:
        return Decimal(value)
    return datetime.fromisoformat(value) if value is not None and name in _MOMENTS else value
