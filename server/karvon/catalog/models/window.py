"""The shop window: a read model that answers lists and details without touching the rows behind it.

Bodies are JSON objects as ready bytes with *holes* for the numbers that change with every sale. A hole is a token between
two NUL bytes (a NUL cannot occur in JSON): `\\x00q\\x00` units for sale, `\\x00i\\x00` true/false in stock, `\\x00a\\x00` average
rating, `\\x00r\\x00` number of reviews, `\\x00v<variant id>\\x00` units of one variant. They are filled from `WindowRow` (and, on a
detail page, from the stock levels) when the answer is put together, so that a sale rewrites four small columns
instead of eight documents.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now

from karvon.catalog.models.product import Product
from karvon.kernel.fields import AmountField, CurrencyField

# the words of titles and SKUs: those that have weight A
TITLES_SQL = "ts_filter(w.search, '{a}')"


class WindowRow(models.Model):
    """What lists filter and sort by: one row per product that could be shown."""

    product = models.OneToOneField(Product, on_delete=models.CASCADE, primary_key=True, related_name="window")
    merchant_id = models.BigIntegerField()
    is_visible = models.BooleanField(default=False)
    category_ids = ArrayField(models.BigIntegerField(), default=list)  # the category and all above it
    category_order = models.CharField(max_length=255, default="")
    collection_ids = ArrayField(models.BigIntegerField(), default=list)
    # "<attribute code>=<choice code | yes | no | number | text>", of the product and its active variants
    attributes = ArrayField(models.CharField(max_length=200), default=list)
    tags = ArrayField(models.CharField(max_length=80), default=list)
    price_min = AmountField()
    price_max = AmountField()
    currency = CurrencyField()
    quantity = models.BigIntegerField(default=0)
    in_stock = models.BooleanField(default=False)
    branch_ids = ArrayField(models.BigIntegerField(), default=list)  # branches that have some
    rating = models.DecimalField(max_digits=3, decimal_places=2, default=0)
    reviews_count = models.PositiveIntegerField(default=0)
    popularity = models.PositiveIntegerField(default=0)
    title_sort = models.CharField(max_length=255, default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(db_default=Now())
    search = SearchVectorField(null=True)
    search_title = models.TextField(default="")  # folded titles in all languages, for trigrams and prefixes

    class Meta:
        indexes = [
            # the default list: newest first
            models.Index(
                fields=["-created_at", "-product"], condition=models.Q(is_visible=True), name="window_newest"
            ),
            models.Index(
                fields=["-updated_at", "-product"], condition=models.Q(is_visible=True), name="window_changed"
            ),
            models.Index(
                fields=["price_min", "product"], condition=models.Q(is_visible=True), name="window_price"
            ),
            models.Index(
                fields=["-popularity", "-product"], condition=models.Q(is_visible=True), name="window_popular"
            ),
            models.Index(
                fields=["-rating", "-product"], condition=models.Q(is_visible=True), name="window_rated"
            ),
            models.Index(
                fields=["title_sort", "product"], condition=models.Q(is_visible=True), name="window_title"
            ),
            # a merchant's store page
            models.Index(
                fields=["merchant_id", "-created_at"],
                condition=models.Q(is_visible=True),
                name="window_merchant",
            ),
            GinIndex(fields=["category_ids"], name="window_categories"),
            GinIndex(fields=["collection_ids"], name="window_collections"),
            GinIndex(fields=["attributes"], name="window_attributes"),
            GinIndex(fields=["search"], name="window_search"),
            # searches for words that many have: titles first, then by sales; see `catalog.search.matching`
            GinIndex(
                models.Func(models.F("search"), models.Value("{a}"), function="ts_filter"),
                name="window_search_titles",
            ),
            models.Index(
                fields=["-in_stock", "-popularity", "-product"],
                condition=models.Q(is_visible=True),
                name="window_best_selling",
            ),
            GinIndex(fields=["search_title"], opclasses=["gin_trgm_ops"], name="window_title_trgm"),
        ]

    def __str__(self) -> str:
        return f"window of {self.product_id}"


class WindowBody(models.Model):
    """The two documents of one product in one language, as bytes with holes."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    language = models.CharField(max_length=2)
    list_body = models.BinaryField()
    detail_body = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "language"], name="window_body_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}/{self.language}"


class WindowEpoch(models.Model):
    """Counts changes of what lists contain. Its sum keys the cached `count` of each filter, so a count is never stale.

    Several shards keep two transactions that touch different products from waiting for each other.
    """

    SHARDS = 16

    shard = models.PositiveSmallIntegerField(primary_key=True)
    changes = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.shard}: {self.changes}"
