from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from karvon.catalog.models import Product, Variant
from karvon.kernel.fields import AmountField
from karvon.merchants.models import Branch, Merchant
from karvon.orders.models.order import Order, OrderState

FulfilmentState = OrderState


class FulfilmentFlow(models.TextChoices):
    """Which road through the states this part takes (`orders.states` holds the tables)."""

    FOOD_DELIVERY = "food_delivery", _("Food, delivered")
    PICKUP = "pickup", _("Pickup")
    RETAIL = "retail", _("Retail, shipped")


class Fulfilment(models.Model):
    """The part of an order that one branch of one merchant hands over."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="fulfilments")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="fulfilments")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="fulfilments")
    number = models.CharField(_("number"), max_length=16, editable=False)
    business_date = models.DateField(_("day"), editable=False, help_text=_("in the merchant's time zone"))
    flow = models.CharField(_("flow"), max_length=13, choices=FulfilmentFlow)
    state = models.CharField(
        _("state"), max_length=16, choices=FulfilmentState, default=FulfilmentState.PENDING
    )
    subtotal = AmountField(_("subtotal"))
    discount = AmountField(_("discount"), default=0)
    delivery_fee = AmountField(_("delivery fee"), default=0)
    tax = AmountField(_("tax included"), default=0)
    total = AmountField(_("total"))
    paid_amount = AmountField(_("paid"), default=0, db_default=0, editable=False)
    refunded_amount = AmountField(_("refunded"), default=0, db_default=0, editable=False)
    # of the delivery fee, what a promotion of the platform took off: the merchant is given it
    platform_delivery = AmountField(default=0, db_default=0, editable=False)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True, editable=False)
    placed_at = models.DateTimeField(_("placed"), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("fulfilment")
        verbose_name_plural = _("fulfilments")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "business_date", "number"], name="fulfilment_number_unique_per_day"
            ),
            models.UniqueConstraint(
                fields=["order", "merchant", "branch"], name="fulfilment_once_per_branch"
            ),
            models.CheckConstraint(
                name="fulfilment_total_adds_up",
                condition=models.Q(
                    total=models.F("subtotal") - models.F("discount") + models.F("delivery_fee"), total__gte=0
                ),
            ),
            models.CheckConstraint(
                name="fulfilment_paid_no_more_than_agreed",
                condition=models.Q(paid_amount__gte=0, paid_amount__lte=models.F("total")),
            ),
            models.CheckConstraint(
                name="fulfilment_refunded_no_more_than_paid",
                condition=models.Q(refunded_amount__gte=0, refunded_amount__lte=models.F("paid_amount")),
            ),
        ]
        indexes = [
            # a merchant's order list, newest first
            models.Index(fields=["merchant", "-placed_at"], name="fulfilment_by_merchant"),
            # a merchant's board: what is open now
            models.Index(
                fields=["merchant", "state"],
                condition=~models.Q(state__in=["delivered", "cancelled", "rejected", "returned"]),
                name="fulfilment_open_by_merchant",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """A variant as it was sold: names, options and prices of that moment."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    fulfilment = models.ForeignKey(Fulfilment, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.SET_NULL, null=True, related_name="+")
    variant = models.ForeignKey(Variant, on_delete=models.SET_NULL, null=True, related_name="+")
    title = models.CharField(max_length=255)
    sku = models.CharField(max_length=100)
    options = models.JSONField(default=dict, help_text="{attribute code: label}")
    modifiers = models.JSONField(default=list, help_text="[{id, group, name, price_delta}]")
    image = models.CharField(max_length=255, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    quantity = models.PositiveIntegerField()
    cancelled_quantity = models.PositiveIntegerField(default=0)
    unit_price = AmountField(help_text=_("with modifiers"))
    subtotal = AmountField()
    discount = AmountField(default=0)
    tax = AmountField(default=0)
    total = AmountField()
    tracks_stock = models.BooleanField(default=True)
    # frozen when the order is placed: of the discount, what the platform bears; the commission's terms and their result
    platform_discount = AmountField(default=0, db_default=0, editable=False)
    commission_percent = models.DecimalField(
        max_digits=5, decimal_places=2, default=0, db_default=0, editable=False
    )
    commission_fixed = AmountField(default=0, db_default=0, editable=False, help_text=_("for each unit"))
    commission = AmountField(default=0, db_default=0, editable=False)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                name="order_line_adds_up",
                condition=models.Q(
                    total=models.F("subtotal") - models.F("discount"),
                    total__gte=0,
                    discount__gte=0,
                    quantity__gt=0,
                    cancelled_quantity__lte=models.F("quantity"),
                ),
            ),
            models.CheckConstraint(
                name="order_line_shares_within_it",
                condition=models.Q(
                    platform_discount__gte=0,
                    platform_discount__lte=models.F("discount"),
                    commission__gte=0,
                    commission__lte=models.F("subtotal"),
                ),
            ),
        ]
        indexes = [
            # has this customer bought this product; best sellers
            models.Index(fields=["product", "order"], name="order_line_by_product"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"
