"""A cart as JSON. Written by hand: it is asked for with every click, and has no row behind it."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from karvon.carts.quoting import PRICE_CHANGED, CartQuote, QuotedGroup, QuotedLine
from karvon.carts.services import Cart
from karvon.kernel.money import money_json
from karvon.kernel.rendering import time_json
from karvon.promotions.reasons import tell_reason
from karvon.promotions.rules import ZERO, AppliedDiscount, CouponOutcome


def cart_json(cart: Cart) -> dict[str, Any]:
    """The documented cart; a shopper without one gets an empty cart without an id."""
    snapshot, quote = cart.snapshot, cart.quote
    priced = quote.priced if quote else None
    lines = quote.lines if quote else ()
    return {
        "id": str(snapshot.cart_id) if snapshot else None,
        "user": cart.owner.user_id,
        "version": snapshot.version if snapshot else 0,
        "items": [_line_json(line) for line in lines],
        "item_count": sum(line.line.quantity for line in lines),
        "subtotal": money_json(priced.subtotal if priced else ZERO),
        "discount": money_json(priced.discount if priced else ZERO),
        "delivery_fee": money_json(priced.delivery_fee if priced else ZERO),
        "tax": money_json(priced.tax if priced else ZERO),
        "total": money_json(priced.total if priced else ZERO),
        "currency": (quote.currency if quote else None) or settings.KARVON_DEFAULT_CURRENCY,
        "coupon": snapshot.coupon if snapshot else None,
        "coupon_status": _coupon_json(quote),
        "discounts": [_discount_json(discount) for discount in priced.discounts] if priced else [],
        "delivery_type": quote.delivery_type if quote else "delivery",
        "merchants": [_group_json(group) for group in quote.groups] if quote else [],
        "is_orderable": bool(quote and quote.is_orderable),
        "created_at": time_json(snapshot.created_at if snapshot else None),
        "updated_at": time_json(snapshot.updated_at if snapshot else None),
        "expires_at": time_json(snapshot.expires_at if snapshot else None),
    }


def _line_json(quoted: QuotedLine) -> dict[str, Any]:
    offer, line = quoted.offer, quoted.line
    return {
        "id": line.id,
        "product": {
            "id": offer.product_id if offer else None,
            "title": offer.title if offer else "",
            "slug": offer.slug if offer else None,
            "price": money_json(offer.price if offer else line.seen_price),
            "image": offer.image if offer else None,
        },
        "variant": {
            "id": line.variant_id,
            "sku": offer.sku if offer else "",
            "title": offer.variant_title if offer else "",
            "options": dict(offer.options) if offer else {},
        },
        "merchant_id": offer.merchant_id if offer else None,
        "quantity": line.quantity,
        "unit_price": money_json(quoted.unit_price),
        "previous_unit_price": money_json(line.seen_price) if quoted.problem == PRICE_CHANGED else None,
        "subtotal": money_json(quoted.subtotal),
        "discount": money_json(quoted.priced.discount if quoted.priced else ZERO),
        "modifiers": [
            {"id": modifier.id, "name": modifier.name, "price_delta": money_json(modifier.price_delta)}
            for modifier in quoted.modifiers
        ],
        "available": quoted.is_available,
        "available_quantity": quoted.left,
        "problem": quoted.problem,
    }


def _group_json(group: QuotedGroup) -> dict[str, Any]:
    branch, priced = group.branch, group.priced
    return {
        "merchant": {
            "id": group.merchant_id,
            "username": group.merchant_username,
            "name": group.merchant_name,
        },
        "branch": {"id": branch.branch_id, "name": branch.name},
        "items": [line.line.id for line in group.lines],
        "subtotal": money_json(priced.subtotal),
        "discount": money_json(priced.discount),
        "delivery_fee": money_json(priced.delivery_fee),
        "free_delivery_from": None
        if branch.free_delivery_from is None
        else money_json(branch.free_delivery_from),
        "minimum_order": money_json(branch.minimum_order),
        "minimum_reached": group.is_minimum_reached,
        "total": money_json(priced.total),
    }


def _discount_json(discount: AppliedDiscount) -> dict[str, Any]:
    return {
        "promotion_id": discount.promotion_id,
        "code": discount.code,
        "name": discount.name,
        "kind": discount.kind,
        "amount": money_json(discount.amount),
    }


def _coupon_json(quote: CartQuote | None) -> dict[str, Any] | None:
    """Whether the coupon does something, and if not, why."""
    outcome: CouponOutcome | None = quote.priced.coupon if quote else None
    if quote is None or outcome is None:
        return None
    message = None
    if outcome.reason:
        message = tell_reason(outcome.reason, missing=outcome.missing, currency=quote.currency or "")
    return {
        "code": outcome.code,
        "applied": outcome.is_applied,
        "amount": money_json(outcome.amount),
        "reason": outcome.reason,
        "message": message,
        "missing": None if outcome.missing is None else money_json(outcome.missing),
    }
