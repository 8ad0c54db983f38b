"""What is asked of statistics, and their shape."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from karvon.analytics.periods import LENGTHS
from karvon.analytics.selectors.customers import ORDERINGS
from karvon.api.payouts import PayoutDetail


class StatisticsQuery(serializers.Serializer[Any]):
    """`from` and `to` are whole days, both included, at most 366 of them; the last thirty without them."""

    to = serializers.DateField(required=False, help_text="Last day; today without it.")
    currency = serializers.RegexField(r"^[A-Z]{3}\Z", required=False, help_text="ISO 4217.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is no name for a Python attribute."""
        first = serializers.DateField(required=False, help_text="First day.")
        return {"from": first, **super().get_fields()}


class MerchantStatisticsQuery(StatisticsQuery):
    """`period` counts only without `from` and `to`."""

    period = serializers.ChoiceField(
        choices=list(LENGTHS), required=False, help_text="Today, or the days that end with it."
    )


class CustomersQuery(serializers.Serializer[Any]):
    search = serializers.CharField(
        max_length=100,
        required=False,
        help_text="Part of a name or mail address; without letters also of a phone number.",
    )
    ordering = serializers.ChoiceField(choices=list(ORDERINGS), required=False, default="-last_order")


class StatisticsPeriod(serializers.Serializer[Any]):
    """Whole days, both included."""

    to = serializers.DateField()
    days = serializers.IntegerField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"from": serializers.DateField(), **super().get_fields()}


class FiguresDetail(serializers.Serializer[Any]):
    """gross - discounts + delivery = called_off + net + awaited. `net` is the revenue: what was received and kept."""

    orders = serializers.IntegerField()
    units = serializers.IntegerField(help_text="Sold and not called off.")
    gross = serializers.CharField(help_text="Goods as agreed, before discounts.")
    discounts = serializers.CharField()
    delivery = serializers.CharField(help_text="Delivery fees as agreed.")
    called_off = serializers.CharField(help_text="Cancelled, refused, returned: no longer owed.")
    refunds = serializers.CharField(help_text="Received for what was called off.")
    net = serializers.CharField(help_text="Received and kept. Cash counts once it is handed over.")
    awaited = serializers.CharField(help_text="Owed and not received yet.")
    average_order = serializers.CharField()


class DayOfStatistics(serializers.Serializer[Any]):
    date = serializers.DateField()
    orders = serializers.IntegerField()
    revenue = serializers.CharField()


class DayOfPlatform(DayOfStatistics):
    users = serializers.IntegerField(help_text="Who registered on the day.")


class TopProductDetail(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    title = serializers.CharField()
    merchant_id = serializers.IntegerField()
    units = serializers.IntegerField()
    sales = serializers.CharField(help_text="Owed or paid for its units that were not called off.")


class TopMerchantDetail(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()
    orders = serializers.IntegerField()
    revenue = serializers.CharField()


class PlatformUsers(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    new = serializers.IntegerField(help_text="In the period.")


class PlatformMerchants(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    by_state = serializers.DictField(child=serializers.IntegerField())


class CountedOrders(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    previous = serializers.IntegerField(help_text="In as many days before.")
    by_state = serializers.DictField(child=serializers.IntegerField())


class PlatformConversion(serializers.Serializer[Any]):
    """Carts made in the period that somebody put something into, and those of them that became an order by now."""

    carts = serializers.IntegerField()
    orders = serializers.IntegerField()
    rate = serializers.FloatField(help_text="0…1")


class StatisticsBase(serializers.Serializer[Any]):
    period = StatisticsPeriod()
    currency = serializers.CharField()
    currencies = serializers.ListField(
        child=serializers.CharField(), help_text="All that something was sold in; ask for each."
    )
    orders = CountedOrders()
    revenue = FiguresDetail()
    previous = FiguresDetail(help_text="As many days before.")


class PlatformStatisticsDetail(StatisticsBase):
    """The whole platform; its day is the sum of its merchants' days, each by its own clock."""

    users = PlatformUsers()
    merchants = PlatformMerchants()
    products = serializers.IntegerField(help_text="On sale.")
    conversion = PlatformConversion()
    by_day = DayOfPlatform(many=True)
    top_merchants = TopMerchantDetail(many=True)
    top_products = TopProductDetail(many=True)


class LowStockItem(serializers.Serializer[Any]):
    level_id = serializers.IntegerField()
    product_id = serializers.IntegerField()
    title = serializers.CharField()
    sku = serializers.CharField()
    branch = serializers.CharField()
    available = serializers.IntegerField()
    threshold = serializers.IntegerField()


class LowStockDetail(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    items = LowStockItem(many=True, help_text="The emptiest.")


class MerchantCustomers(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    new = serializers.IntegerField(help_text="Whose first order here was placed in the period.")


class PayoutSummaryDetail(serializers.Serializer[Any]):
    """As things stand now, in the currency of the figures."""

    balance = serializers.CharField(
        help_text="Owed to the merchant and not set aside yet; below zero it owes."
    )
    pending = serializers.CharField(help_text="Set aside in payouts that are made or approved.")
    latest = PayoutDetail(many=True, help_text="Newest first, five at most.")


class MerchantStatisticsDetail(StatisticsBase):
    """One merchant, by its own clock."""

    customers = MerchantCustomers()
    by_day = DayOfStatistics(many=True)
    best_sellers = TopProductDetail(many=True)
    low_stock = LowStockDetail()
    payouts = PayoutSummaryDetail()


class CustomerSalesDetail(serializers.Serializer[Any]):
    """What one person bought here. Guests are told apart by their phone; it is shown in part."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    phone = serializers.CharField(help_text="All but the ends is hidden.")
    is_guest = serializers.BooleanField()
    orders = serializers.IntegerField(help_text="Placed and not called off.")
    spent = serializers.CharField(help_text="Received and kept.")
    currency = serializers.CharField()
    first_order_at = serializers.DateTimeField()
    last_order_at = serializers.DateTimeField()
    last_order_id = serializers.IntegerField()
