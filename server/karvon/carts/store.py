"""Carts in Redis, and their return from PostgreSQL when Redis has lost them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings

from karvon.carts import checkpoints
from karvon.carts.errors import CartNotFound, LineNotFound, NotEnoughLeft, TooManyLines
from karvon.carts.lines import CartLine, CartSnapshot, parse_snapshot, to_fields, to_ms
from karvon.carts.owner import CartOwner
from karvon.carts.scripts import run_script
from karvon.kernel import clock
from karvon.kernel.errors import DependencyDown, ValidationFailed

MOST_OF_A_LINE = 9999
UNCOUNTED = -1


@dataclass(frozen=True, slots=True)
class CartState:
    """What reading found: the cart, if there is one, and the owner under whom to go on.

    `carried` tells a customer that the guest cart named beside exists and waits for merging.
    """

    owner: CartOwner
    snapshot: CartSnapshot | None
    carried: bool = False


def read(owner: CartOwner, *, carried_id: UUID | None = None) -> CartState:
    """Read a cart: one round trip; one query more when Redis does not know whether there is one.

    Raises CartNotFound for a guest who names a customer's cart.
    """
    if owner.user_id is None and owner.cart_id is None:
        return CartState(owner, None)
    answer = _run("read", owner, [str(carried_id or "")])
    if answer[0] == "ok":
        return CartState(owner, _snapshot(answer), answer[3] == "1")
    carried = answer[1] == "1"
    if answer[0] == "foreign":
        raise CartNotFound
    if answer[0] == "unknown":
        restored = _restore(owner)
        if restored is not None:
            return CartState(owner, restored, carried)
    # an unknown id is not taken over: nobody chooses the id of his cart
    return CartState(CartOwner(user_id=owner.user_id), None, carried)


def create(owner: CartOwner) -> CartSnapshot:
    """A new empty cart, or the one that was made at the same moment."""
    return _snapshot(_change("create", owner, []))


def add(owner: CartOwner, line: CartLine, *, cap: int | None, creates: bool = True) -> CartSnapshot:
    """Add `line.quantity` units; `cap` is how many of the variant the cart may hold (None: any number).

    Raises NotEnoughLeft, TooManyLines, ValidationFailed.
    """
    arguments: list[str | int] = [
        line.id,
        line.packed,
        line.quantity,
        line.variant_id,
        UNCOUNTED if cap is None else cap,
        settings.KARVON_CART_MAX_LINES,
        MOST_OF_A_LINE,
    ]
    return _snapshot(_judged(_change("add", owner, arguments, creates=creates), cap))


def set_quantity(owner: CartOwner, line: CartLine, quantity: int, *, cap: int | None) -> CartSnapshot:
    """Set a line's units; 0 removes it. Raises LineNotFound, NotEnoughLeft."""
    arguments: list[str | int] = [line.id, line.packed, quantity, UNCOUNTED if cap is None else cap]
    return _snapshot(_judged(_change("set_quantity", owner, arguments, creates=False), cap))


def remove(owner: CartOwner, line_id: int) -> CartSnapshot:
    """Take a line out. Raises LineNotFound."""
    return _snapshot(
        _judged(_change("set_quantity", owner, [line_id, "", 0, UNCOUNTED], creates=False), None)
    )


def clear(owner: CartOwner) -> CartSnapshot:
    """Take all lines and the coupon out; the cart stays."""
    return _snapshot(_change("clear", owner, [], creates=False))


def set_field(owner: CartOwner, field: str, value: str) -> CartSnapshot:
    """Set the coupon (`k`) or the handover (`d`); "" takes it away."""
    return _snapshot(_change("set_field", owner, [field, value]))


def merge(
    owner: CartOwner, guest_cart_id: UUID, caps: Mapping[int, int | None]
) -> tuple[CartSnapshot, int] | None:
    """Move a guest's lines into the customer's cart; the guest cart's version, or None when it is no more."""
    arguments: list[str | int] = [str(guest_cart_id), settings.KARVON_CART_MAX_LINES, MOST_OF_A_LINE]
    for variant_id, cap in caps.items():
        arguments += [variant_id, UNCOUNTED if cap is None else cap]
    answer = _change("merge", owner, arguments)
    return None if answer[0] == "nothing" else (_snapshot(answer), int(answer[3]))


def forget(cart_id: UUID, version: int, lines: Sequence[CartLine]) -> bool:
    """Remove an ordered cart if it is still at this version; otherwise take only `lines` out of it."""
    arguments: list[str | int] = [version]
    for line in lines:
        arguments += [line.id, line.quantity]
    return bool(_run("forget", CartOwner(cart_id=cart_id), arguments)[0] != "changed")


def _run(
    name: str,
    owner: CartOwner,
    arguments: Sequence[str | int],
    *,
    fresh: str = "",
    now: datetime | None = None,
) -> list[Any]:
    return run_script(
        name,
        [
            "" if owner.user_id is None else owner.user_id,
            "" if owner.user_id is not None or owner.cart_id is None else str(owner.cart_id),
            to_ms(now or clock.now()),
            int(time_to_live().total_seconds() * 1000),
            fresh,
            *arguments,
        ],
    )


def _change(
    name: str, owner: CartOwner, arguments: Sequence[str | int], *, creates: bool = True
) -> list[Any]:
    """Run a changing script; a cart that Redis lost a moment ago is brought back first."""
    for _attempt in range(3):
        answer = _run(name, owner, arguments, fresh=str(uuid4()) if creates else "")
        if answer[0] != "unknown":
            break
        if _restore(owner) is None and owner.is_guest:
            owner = CartOwner()
    if answer[0] == "foreign":
        raise CartNotFound
    if answer[0] == "none":
        raise LineNotFound
    if answer[0] == "unknown":  # it is being emptied faster than we can fill it
        raise DependencyDown
    return answer


def _judged(answer: list[Any], cap: int | None) -> list[Any]:
    if answer[0] == "stock":
        raise NotEnoughLeft((cap or 0) - int(answer[1]))
    if answer[0] == "no_line":
        raise LineNotFound
    if answer[0] == "lines":
        raise TooManyLines
    if answer[0] == "quantity":
        message = f"1…{MOST_OF_A_LINE}"
        raise ValidationFailed(details={"quantity": [message]})
    return answer


def _restore(owner: CartOwner) -> CartSnapshot | None:
    """Bring a cart back from its copy. That a customer has none is remembered too, so it is asked once."""
    copy = checkpoints.find_checkpoint(owner, since=clock.now() - time_to_live())
    if copy is None and owner.is_guest:
        return None
    known = CartOwner(user_id=owner.user_id)
    fields = to_fields(copy.document, user_id=owner.user_id, version=copy.version) if copy else {}
    flat = [part for pair in fields.items() for part in pair]
    answer = run_script(
        "restore",
        [
            "" if known.user_id is None else known.user_id,
            str(copy.cart_id) if copy else "",
            to_ms(clock.now()),
            int(time_to_live().total_seconds() * 1000),
            "",
            *flat,
        ],
    )
    return _snapshot(answer) if answer[0] == "ok" else None


def _snapshot(answer: list[Any]) -> CartSnapshot:
    fields = dict(zip(answer[2][::2], answer[2][1::2], strict=True))
    return parse_snapshot(answer[1], fields, expires_at=clock.now() + time_to_live())


def time_to_live() -> timedelta:
    """How long an untouched cart is kept."""
    return timedelta(days=settings.KARVON_CART_DAYS)
