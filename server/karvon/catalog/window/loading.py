"""Everything that the documents of a batch of products are made from, in a number of queries that does not grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from karvon.catalog.models import (
    Category,
    Collection,
    CollectionProduct,
    Product,
    ProductAttribute,
    ProductImage,
    ProductModifierGroup,
    ProductState,
    Tag,
    Variant,
    VariantAttribute,
)
from karvon.merchants.models import MerchantState


@dataclass(frozen=True)
class CategoryPaths:
    """The tree as it is now: category id → itself and all above, root first."""

    rows: dict[int, Category]
    _paths: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def path(self, category_id: int | None) -> tuple[int, ...]:
        if category_id is None or category_id not in self.rows:
            return ()
        if category_id not in self._paths:
            parent = self.rows[category_id].parent_id
            self._paths[category_id] = (*self.path(parent), category_id)
        return self._paths[category_id]


def load_paths() -> CategoryPaths:
    """The whole tree in one query."""
    rows = (
        Category.objects.without_tree_fields()
        if hasattr(Category.objects, "without_tree_fields")
        else Category.objects
    )
    return CategoryPaths({category.pk: category for category in rows.all()})


def load_products(product_ids: Sequence[int]) -> QuerySet[Product]:
    """Products with all that is shown of them: ten queries for any number."""
    values = ("attribute", "choice")
    return (
        Product.objects.filter(pk__in=product_ids)
        .select_related("merchant", "merchant__logo")
        .prefetch_related(
            Prefetch("tags", Tag.objects.order_by("slug")),
            Prefetch("images", ProductImage.objects.select_related("asset").order_by("position", "id")),
            "images__asset__renditions",
            Prefetch(
                "attribute_values",
                ProductAttribute.objects.select_related(*values).order_by("attribute__position", "id"),
            ),
            Prefetch("variants", Variant.objects.filter(is_active=True).order_by("position", "id")),
            Prefetch(
                "variants__attribute_values",
                VariantAttribute.objects.select_related(*values).order_by("attribute__position", "id"),
            ),
            Prefetch(
                "modifier_links",
                ProductModifierGroup.objects.select_related("group").order_by("position", "id"),
            ),
            "modifier_links__group__modifiers",
            Prefetch("picks", CollectionProduct.objects.filter(collection__is_active=True)),
        )
        .order_by("pk")
    )


def load_rule_collections() -> list[Collection]:
    """Collections whose members are worked out."""
    return list(Collection.objects.filter(kind="rule", is_active=True).order_by("position", "id"))


def is_shown(product: Product, now: datetime) -> bool:
    """Whether shoppers may see it: published, in its time, of an active merchant, with something to sell."""
    return bool(
        product.deleted_at is None
        and product.state == ProductState.PUBLISHED
        and product.merchant.state == MerchantState.ACTIVE
        and (product.publish_at is None or product.publish_at <= now)
        and (product.unpublish_at is None or product.unpublish_at > now)
        and product.variants.all()
    )
