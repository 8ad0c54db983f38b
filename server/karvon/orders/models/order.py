from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Now, Upper
from django.utils.translation import gettext_lazy as _

from karvon.kernel.fields import AmountField, CurrencyField
from karvon.kernel.ids import new_public_id, new_token


class OrderState(models.TextChoices):
    """Derived from the fulfilments and the payment (`orders.derivation`), stored so that lists can filter by it."""

    PENDING = "pending", _("Pending")
    CONFIRMED = "confirmed", _("Confirmed")
    PREPARING = "preparing", _("Being prepared")
    READY = "ready", _("Ready")
    PACKED = "packed", _("Packed")
    SHIPPED = "shipped", _("Shipped")
    OUT_FOR_DELIVERY = "out_for_delivery", _("On the way")
    DELIVERED = "delivered", _("Delivered")
    CANCELLED = "cancelled", _("Cancelled")
    REJECTED = "rejected", _("Rejected")
    RETURNED = "returned", _("Returned")


class PaymentMethod(models.TextChoices):
    CASH = "cash", _("Cash")
    CARD_ON_DELIVERY = "card_on_delivery", _("Card on delivery")
    BANK_TRANSFER = "bank_transfer", _("Bank transfer")
    PAYME = "payme", "Payme"
    CLICK = "click", "Click"
    UZUM = "uzum", "Uzum"
    STRIPE = "stripe", "Stripe"
    RAZORPAY = "razorpay", "Razorpay"
    PAYPAL = "paypal", "PayPal"


_payment_methods: dict[str, Any] = dict(PaymentMethod.choices)


def add_payment_method(name: str, label: Any) -> None:
    """Let orders be paid in one way more; the payments room says so of each provider when the server starts. Raises ValueError
    for a name that an order's row cannot keep.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,15}", name):
        raise ValueError(f"no name of a way of paying: {name!r}")
    _payment_methods.setdefault(name, label)


def list_payment_methods() -> list[tuple[str, Any]]:
    """The ways in which orders may be paid, each with its name for people."""
    return list(_payment_methods.items())


class ConfirmationMethod(models.TextChoices):
    """How the shop and the customer of a store page come together over an order."""

    WHATSAPP = "whatsapp", "WhatsApp"
    PHONE = "phone", _("By phone")
    ONLINE = "online", _("Online")


PAID_ON_DELIVERY = frozenset({PaymentMethod.CASH, PaymentMethod.CARD_ON_DELIVERY})


class PaymentState(models.TextChoices):
    PENDING = "pending", _("Awaiting payment")
    PAID = "paid", _("Paid")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Expired")
    REFUND_DUE = "refund_due", _("Refund due")
    PARTIALLY_REFUNDED = "partially_refunded", _("Partly refunded")
    REFUNDED = "refunded", _("Refunded")


class DeliveryType(models.TextChoices):
    DELIVERY = "delivery", _("Delivery")
    PICKUP = "pickup", _("Pickup")


class Order(models.Model):
    """What a customer placed and pays once. Amounts are a snapshot of what was agreed."""

    id = models.BigIntegerField(primary_key=True, default=new_public_id, editable=False)
    number = models.CharField(_("number"), max_length=16, unique=True, editable=False)
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="orders"
    )
    contact_name = models.CharField(_("name"), max_length=200, blank=True)
    contact_phone = models.CharField(_("phone"), max_length=16, blank=True)
    contact_email = models.EmailField(_("email"), blank=True)
    state = models.CharField(_("state"), max_length=16, choices=OrderState, default=OrderState.PENDING)
    payment_method = models.CharField(_("payment"), max_length=16, choices=list_payment_methods)
    payment_state = models.CharField(
        _("payment state"), max_length=18, choices=PaymentState, default=PaymentState.PENDING
    )
    delivery_type = models.CharField(_("handover"), max_length=8, choices=DeliveryType)
    delivery_address = models.JSONField(_("delivery address"), default=dict, blank=True)
    scheduled_for = models.DateTimeField(
        _("wanted at"), null=True, blank=True, help_text=_("as soon as possible where empty")
    )
    note = models.CharField(_("note"), max_length=1000, blank=True)
    confirmation_method = models.CharField(
        _("confirmation"), max_length=8, choices=ConfirmationMethod, blank=True, default="", db_default=""
    )
    channel = models.CharField(_("channel"), max_length=16, default="v1")
    language = models.CharField(_("language"), max_length=2, default="en")
    currency = CurrencyField(_("currency"))
    subtotal = AmountField(_("subtotal"))
    discount = AmountField(_("discount"), default=0)
    delivery_fee = AmountField(_("delivery fee"), default=0)
    tax = AmountField(_("tax included"), default=0)
    total = AmountField(_("total"))
    coupon = models.CharField(_("coupon"), max_length=40, blank=True)
    # "<cart id>:<cart version>": however often it arrives, a cart becomes one order
    cart_key = models.CharField(max_length=64, unique=True, editable=False)
    placed_at = models.DateTimeField(_("placed"), db_default=Now(), editable=False)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True, editable=False)
    payment_deadline = models.DateTimeField(_("pay until"), null=True, blank=True, editable=False)
    # through the merchant's own account with a provider: the platform never had this money
    is_paid_to_merchant = models.BooleanField(default=False, db_default=False, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-placed_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="order_total_adds_up",
                condition=models.Q(
                    total=models.F("subtotal") - models.F("discount") + models.F("delivery_fee"),
                    subtotal__gte=0,
                    discount__gte=0,
                    delivery_fee__gte=0,
                    tax__gte=0,
                    total__gte=0,
                ),
            ),
        ]
        indexes = [
            # a customer's history, newest first
            models.Index(fields=["customer", "-placed_at", "-id"], name="order_by_customer"),
            # the back office's list and day totals
            models.Index(fields=["-placed_at", "-id"], name="order_newest"),
            # all orders of a guest, whom only the phone tells from others
            models.Index(
                fields=["contact_phone"],
                condition=models.Q(customer__isnull=True),
                name="order_by_guest_phone",
            ),
            # customers of a shop by a part of what they gave with their orders
            GinIndex(
                OpClass(Upper("contact_name"), "gin_trgm_ops"),
                OpClass(Upper("contact_email"), "gin_trgm_ops"),
                OpClass(models.F("contact_phone"), "gin_trgm_ops"),
                name="order_contact_trgm",
            ),
            # the task that cancels what was not paid in time
            models.Index(
                fields=["payment_deadline"],
                condition=models.Q(payment_deadline__isnull=False),
                name="order_unpaid_by_deadline",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class OrderDiscount(models.Model):
    """What one promotion, or the membership (`promotion_id` null), took off an order, and who bears it."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="discounts")
    promotion_id = models.BigIntegerField(null=True, blank=True)
    code = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=128)
    kind = models.CharField(max_length=13)
    amount = AmountField()
    borne_by = models.CharField(max_length=8)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.name}: {self.amount}"
