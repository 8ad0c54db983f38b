"""Figures by day, rolled up so that no page and no report reads the order book.

Every row follows from the rows of other rooms by the statements of `analytics.truth`; none is ever added to. So an event
that arrives twice, late or out of order changes nothing but what has changed, and everything can be made anew.

A day is that of the merchant's clock on which an order was placed (`Fulfilment.business_date`); the platform's day is the
sum of its merchants' days. What is called off or paid later changes the day of the order. People and carts, which belong
to no merchant, are counted by the platform's clock (`KARVON_TIME_ZONE`).
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from karvon.catalog.models import Product
from karvon.kernel.fields import AmountField, CurrencyField
from karvon.merchants.models import Merchant
from karvon.orders.models import FulfilmentState, Order, OrderState


class SalesFigures(models.Model):
    """goods - discounts + delivery = called_off + revenue + awaited, and paid = revenue + refunds."""

    orders = models.IntegerField(help_text="orders of which this merchant's first part is in this state")
    parts = models.IntegerField(help_text="parts handed over by one branch each")
    units = models.BigIntegerField(help_text="sold and not called off")
    goods = AmountField(help_text="as agreed, before discounts")
    discounts = AmountField()
    delivery = AmountField(help_text="fees as agreed")
    called_off = AmountField(help_text="no longer owed: cancelled, refused, returned, single units")
    paid = AmountField(help_text="received; cash and cards at the door when it was handed over")
    refunds = AmountField(help_text="received for what was called off")
    revenue = AmountField(help_text="net: received and kept")
    awaited = AmountField(help_text="owed and not received yet")

    class Meta:
        abstract = True


def _adds_up(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name,
        condition=models.Q(
            goods=models.F("called_off")
            + models.F("revenue")
            + models.F("awaited")
            + models.F("discounts")
            - models.F("delivery"),
            paid=models.F("revenue") + models.F("refunds"),
        ),
    )


class SalesDay(SalesFigures):
    """What a merchant's parts of orders came to, by the day they were placed and the state they are in."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    currency = CurrencyField()
    state = models.CharField(max_length=16, choices=FulfilmentState)

    class Meta:
        ordering = ["-day", "merchant_id"]
        constraints = [
            # also serves a merchant's statistics
            models.UniqueConstraint(
                fields=["merchant", "day", "currency", "state"], name="sales_day_once_per_state"
            ),
            _adds_up("sales_day_adds_up"),
        ]
        indexes = [
            # the platform's day when it is added up, and the merchants that sold most
            models.Index(
                fields=["day", "currency"],
                include=[
                    "merchant", "state", "orders", "parts", "units", "goods", "discounts", "delivery", "called_off",
                    "paid", "refunds", "revenue", "awaited",
                ],
                name="sales_day_of_all",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.day} {self.state}"


class SalesMonth(models.Model):
    """A merchant's days added up by calendar month, so that the merchants that sold most are found in few rows."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+")
    day = models.DateField(help_text="the first of the month")
    currency = CurrencyField()
    orders = models.IntegerField()
    revenue = AmountField()

    class Meta:
        ordering = ["-day", "merchant_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "day", "currency"], name="sales_month_once_per_currency"
            ),
        ]
        indexes = [
            models.Index(
                fields=["day", "currency"], include=["merchant", "orders", "revenue"], name="sales_month_of_all"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.day:%Y-%m}"


class PlatformSalesDay(SalesFigures):
    """All merchants' days added up: `orders` counts an order once for each merchant with a part of it."""

    day = models.DateField()
    currency = CurrencyField()

    class Meta:
        ordering = ["-day", "currency"]
        constraints = [
            # also serves the platform's statistics
            models.UniqueConstraint(fields=["day", "currency"], name="platform_sales_once_per_day"),
            _adds_up("platform_sales_adds_up"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.currency}"


class OrderDay(models.Model):
    """How many whole orders are in which state, by the day they were placed; an order counts at its first part's merchant."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    currency = CurrencyField()
    state = models.CharField(max_length=16, choices=OrderState)
    orders = models.IntegerField()

    class Meta:
        ordering = ["-day", "merchant_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "day", "currency", "state"], name="order_day_once_per_state"
            ),
        ]
        indexes = [
            # the platform's day when it is added up
            models.Index(
                fields=["day", "currency"], include=["state", "orders"], name="order_day_of_platform"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.state}: {self.orders}"


class PlatformOrderDay(models.Model):
    """All merchants' days added up: how many whole orders of a day are in which state."""

    day = models.DateField()
    currency = CurrencyField()
    state = models.CharField(max_length=16, choices=OrderState)
    orders = models.IntegerField()

    class Meta:
        ordering = ["-day", "currency", "state"]
        constraints = [
            # also serves the platform's statistics
            models.UniqueConstraint(
                fields=["day", "currency", "state"], name="platform_orders_once_per_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.state}: {self.orders}"


class ProductDay(models.Model):
    """Units of a product sold on a day and not called off, and what is owed or was paid for them."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    currency = CurrencyField()
    units = models.BigIntegerField()
    sales = AmountField(help_text="for the goods, after discounts")

    class Meta:
        ordering = ["-day", "product_id"]
        constraints = [
            # also serves the removal of a product
            models.UniqueConstraint(
                fields=["product", "day", "currency"], name="product_day_once_per_currency"
            ),
        ]
        indexes = [
            # a merchant's best sellers, and its days when they are counted anew
            models.Index(
                fields=["merchant", "day"],
                include=["currency", "product", "units", "sales"],
                name="product_day_by_merchant",
            ),
            # the platform's best sellers
            models.Index(
                fields=["day", "currency"], include=["product", "units", "sales"], name="product_day_of_platform"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.product_id} {self.day}: {self.units}"


class ProductMonth(models.Model):
    """A product's days added up by calendar month, so that long periods are read from few rows."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField(help_text="the first of the month")
    currency = CurrencyField()
    units = models.BigIntegerField()
    sales = AmountField()

    class Meta:
        ordering = ["-day", "product_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "day", "currency"], name="product_month_once_per_currency"
            ),
        ]
        indexes = [
            # the best sellers of whole months: a merchant's, and the platform's
            models.Index(
                fields=["merchant", "day"],
                include=["currency", "product", "units", "sales"],
                name="product_month_by_merchant",
            ),
            models.Index(
                fields=["day", "currency"], include=["product", "units", "sales"], name="product_month_platform"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.product_id} {self.day:%Y-%m}: {self.units}"


class CustomerSales(models.Model):
    """What one person has bought from one merchant, ever. Guests are told apart by a digest of their phone.

    Names and numbers are not kept here: they are read from the last order, and go when it is made nameless.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+")
    currency = CurrencyField()
    person = models.CharField(max_length=72, help_text="user:<id>, phone:<digest> or order:<id>")
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    orders = models.IntegerField(help_text="placed and not called off")
    spent = AmountField(help_text="received and kept")
    first_ordered_at = models.DateTimeField()
    last_ordered_at = models.DateTimeField()
    last_order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["-last_ordered_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "currency", "person"], name="customer_sales_once_per_person"
            ),
        ]
        indexes = [
            # a merchant's customers, in the orders in which they are listed
            models.Index(fields=["merchant", "-last_ordered_at", "-id"], name="customer_sales_by_last"),
            models.Index(fields=["merchant", "-spent", "-id"], name="customer_sales_by_spent"),
        ]

    def __str__(self) -> str:
        return f"{self.person} at {self.merchant_id}"


class PlatformDay(models.Model):
    """What belongs to no merchant, by the platform's clock."""

    day = models.DateField(primary_key=True)
    registered = models.IntegerField(default=0, help_text="people who opened an account")
    carts = models.IntegerField(default=0, help_text="carts made on the day that somebody put something into")
    ordered_carts = models.IntegerField(default=0, help_text="those of them that became an order, whenever")

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.CheckConstraint(
                name="platform_day_orders_no_more_than_carts",
                condition=models.Q(ordered_carts__gte=0, ordered_carts__lte=models.F("carts")),
            )
        ]

    def __str__(self) -> str:
        return str(self.day)


class CartSighting(models.Model):
    """A cart that had something in it: when it was made, what became of it, and whether its owner was reminded."""

    cart_id = models.UUIDField(primary_key=True)
    made_on = models.DateField()
    ordered_on = models.DateField(null=True)
    is_gone = models.BooleanField(default=False, help_text="became part of another cart")
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_on"]
        # the carts of a day, when it is counted
        indexes = [models.Index(fields=["made_on"], name="cart_sighting_by_day")]

    def __str__(self) -> str:
        return str(self.cart_id)
