"""What a cart remembers: which variants with which modifiers, how many, and the price that was last seen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

DELIVERY = "delivery"
PICKUP = "pickup"


def line_id_of(variant_id: int, modifier_ids: Iterable[int]) -> int:
    """The id of the line for a variant with these modifiers: the same choice is the same line, in every cart.

    It follows from the choice alone, so it survives merging and coming back from a copy. 52 bits: a
    JavaScript number holds it.
    """
    identity = f"{variant_id}:" + ",".join(str(modifier_id) for modifier_id in sorted(set(modifier_ids)))
    digest = hashlib.blake2b(identity.encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 12) or 1


@dataclass(frozen=True, slots=True)
class CartLine:
    """One line. `seen_price` is the unit price with modifiers when the shopper last touched the line."""

    id: int
    variant_id: int
    modifier_ids: tuple[int, ...]
    quantity: int
    seen_price: Decimal
    seen_currency: str
    added_ms: int

    @property
    def packed(self) -> str:
        """All but id and quantity as the scripts keep it."""
        modifiers = ",".join(map(str, self.modifier_ids))
        return f"{self.variant_id}|{modifiers}|{self.seen_price}|{self.seen_currency}|{self.added_ms}"

    @classmethod
    def unpack(cls, line_id: int, packed: str, quantity: int) -> CartLine:
        variant, modifiers, price, currency, added = packed.split("|")
        return cls(
            id=line_id,
            variant_id=int(variant),
            modifier_ids=tuple(int(modifier) for modifier in modifiers.split(",") if modifier),
            quantity=quantity,
            seen_price=Decimal(price),
            seen_currency=currency,
            added_ms=int(added),
        )


@dataclass(frozen=True, slots=True)
class CartSnapshot:
    """A cart at one version. An order made of it is known by `key`."""

    cart_id: UUID
    version: int
    lines: tuple[CartLine, ...]
    coupon: str | None
    user_id: int | None
    delivery_type: str
    created_at: datetime
    updated_at: datetime
    expires_at: datetime

    @property
    def key(self) -> str:
        """However often it arrives, a cart version becomes one order."""
        return f"{self.cart_id}:{self.version}"

    @property
    def variant_ids(self) -> set[int]:
        return {line.variant_id for line in self.lines}

    @property
    def modifier_ids(self) -> set[int]:
        return {modifier for line in self.lines for modifier in line.modifier_ids}

    def find_line(self, line_id: int) -> CartLine | None:
        return next((line for line in self.lines if line.id == line_id), None)


def parse_snapshot(cart_id: str, fields: Mapping[str, str], *, expires_at: datetime) -> CartSnapshot:
    """A snapshot from the fields of a cart's hash."""
    lines = [
        CartLine.unpack(int(name[1:]), value, int(fields["q" + name[1:]]))
        for name, value in fields.items()
        if len(name) > 1 and name[0] == "l"
    ]
    return CartSnapshot(
        cart_id=UUID(cart_id),
        version=int(fields["v"]),
        lines=tuple(sorted(lines, key=lambda line: (line.added_ms, line.id))),
        coupon=fields.get("k") or None,
        user_id=int(fields["u"]) if fields["u"] else None,
        delivery_type=fields.get("d") or DELIVERY,
        created_at=from_ms(fields["c"]),
        updated_at=from_ms(fields["t"]),
        expires_at=expires_at,
    )


def to_fields(document: Mapping[str, Any], *, user_id: int | None, version: int) -> dict[str, str]:
    """The hash of a cart from the copy in PostgreSQL (`to_document` made it)."""
    fields = {
        "u": "" if user_id is None else str(user_id),
        "v": str(version),
        "c": str(document["created"]),
        "t": str(document["updated"]),
    }
    if document.get("coupon"):
        fields["k"] = document["coupon"]
    if document.get("delivery_type"):
        fields["d"] = document["delivery_type"]
    for line in document["lines"]:
        fields[f"l{line['id']}"] = line["packed"]
        fields[f"q{line['id']}"] = str(line["quantity"])
    return fields


def to_document(fields: Mapping[str, str]) -> dict[str, Any]:
    """What PostgreSQL keeps of a cart's hash."""
    return {
        "created": int(fields["c"]),
        "updated": int(fields["t"]),
        "coupon": fields.get("k"),
        "delivery_type": fields.get("d"),
        "lines": [
            {"id": int(name[1:]), "packed": value, "quantity": int(fields["q" + name[1:]])}
            for name, value in fields.items()
            if len(name) > 1 and name[0] == "l"
        ],
    }


def to_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def from_ms(milliseconds: str | int) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, tz=UTC)
