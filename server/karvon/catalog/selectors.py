# mypy: disable-error-code="no-any-return"
"""Reads of the catalogue that are not the window's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Prefetch, QuerySet

from karvon.catalog.errors import ProductNotFound
from karvon.catalog.models import (
    Attribute,
    Category,
    Collection,
    ModifierGroup,
    Product,
    Tag,
    Variant,
    WindowRow,
)
from karvon.catalog.search.folding import fold
from karvon.kernel.errors import NotFound
from karvon.merchants.selectors import merchant_ids_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from karvon.accounts.models import User

    Principal = User | AnonymousUser


def _by_key(rows: QuerySet, key: str) -> int | None:  # type: ignore[type-arg]
    """An id by id or slug."""
    if key.isascii() and key.isdigit() and len(key) < 19:
        return rows.filter(pk=int(key)).values_list("pk", flat=True).first()
    return rows.filter(slug=key).values_list("pk", flat=True).first()


def find_category_id(key: str) -> int | None:
    """By id or slug."""
    return _by_key(Category.objects.order_by(), key)


def find_collection_id(key: str) -> int | None:
    """By id or slug, of those that are shown."""
    return _by_key(Collection.objects.filter(is_active=True).order_by(), key)


def list_categories() -> list[Category]:
    """All categories in tree order; one query."""
    return list(Category.objects.select_related("image").order_by("position", "pk"))


def count_products_by_category() -> dict[int, int]:
    """How many shown products are in each category or below it; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT category, count(*) FROM catalog_windowrow w, unnest(w.category_ids) category "
            "WHERE w.is_visible GROUP BY category"
        )
        return dict(cursor.fetchall())


def get_category(key: str) -> Category:
    """By id or slug. Raises NotFound."""
    found = find_category_id(key)
    if found is None:
        raise NotFound
    return Category.objects.select_related("image").get(pk=found)


def products_visible_to(principal: Principal) -> QuerySet[Product]:
    """For the back office: a merchant's own products in every state, all for operators."""
    products = Product.objects.filter(deleted_at=None).select_related("merchant", "category").order_by("-pk")
    if not principal.is_authenticated:
        return products.none()
    if principal.is_operator:
        return products
    return products.filter(merchant_id__in=merchant_ids_of(principal))


def get_own_product(product_id: int, principal: Principal) -> Product:
    """One product for its back office, with variants. Raises ProductNotFound."""
    product = with_variants(products_visible_to(principal)).filter(pk=product_id).first()
    if product is None:
        raise ProductNotFound
    return product


def with_variants(products: QuerySet[Product]) -> QuerySet[Product]:
    """Four more queries: variants, their values, the product's values, tags."""
    return products.prefetch_related(
        Prefetch("variants", Variant.objects.order_by("position", "pk")),
        "variants__attribute_values__attribute",
        "variants__attribute_values__choice",
        "attribute_values__attribute",
        "attribute_values__choice",
        "tags",
        "modifier_links",
    )


def list_attributes() -> QuerySet[Attribute]:
    """With choices; two queries."""
    return Attribute.objects.prefetch_related("choices").order_by("position", "pk")


def list_tags() -> QuerySet[Tag]:
    return Tag.objects.order_by("slug")


def list_collections() -> QuerySet[Collection]:
    return Collection.objects.filter(is_active=True).select_related("image").order_by("position", "pk")


def modifier_groups_visible_to(principal: Principal) -> QuerySet[ModifierGroup]:
    """A merchant's own, all for operators; with modifiers."""
    groups = ModifierGroup.objects.prefetch_related("modifiers").order_by("pk")
    if not principal.is_authenticated:
        return groups.none()
    if principal.is_operator:
        return groups
    return groups.filter(merchant_id__in=merchant_ids_of(principal))


def list_favourite_ids(user: User) -> list[int]:
    """Products on a person's wishlist that are still shown, newest first."""
    return list(
        WindowRow.objects.filter(product__favourites__user=user, is_visible=True)
        .order_by("-product__favourites__id")
        .values_list("pk", flat=True)
    )


def suggest(text: str, language: str, *, limit: int = 8) -> list[dict[str, object]]:
    """Titles and categories that begin like, or look like, what is being typed. One query each."""
    folded = fold(text[:100])
    if len(folded) < 2:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', '0.45', false)")
        cursor.execute(
            """SELECT p.id, p.slug, coalesce(nullif(CASE %(language)s WHEN 'uz' THEN p.title_uz WHEN 'ru' THEN p.title_ru
                   WHEN 'ar' THEN p.title_ar ELSE p.title_en END, ''), p.title_en, p.title_uz, p.title_ru, p.title_ar)
            FROM catalog_windowrow w JOIN catalog_product p ON p.id = w.product_id
            WHERE w.is_visible AND (w.search_title LIKE %(inside)s OR w.search_title %%> %(folded)s)
            ORDER BY (w.search_title LIKE %(start)s) DESC, w.in_stock DESC, w.popularity DESC, w.product_id LIMIT %(limit)s""",
            {
                "language": language,
                "inside": f"%{folded}%",
                "start": f"{folded}%",
                "folded": folded,
                "limit": limit,
            },
        )
        products = cursor.fetchall()
    return [{"type": "product", "id": pk, "slug": slug, "text": title} for pk, slug, title in products]
