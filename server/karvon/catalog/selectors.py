"""Reads of the catalogue that are not the window's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

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
from karvon.catalog.window.statements import fetch_all
from karvon.kernel.errors import NotFound
from karvon.kernel.languages import LANGUAGES
from karvon.merchants.selectors import merchant_ids_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from karvon.accounts.models import User

    Principal = User | AnonymousUser


_IDS = """
SELECT CASE WHEN %(category)s::text = '' THEN 0
            ELSE (SELECT id FROM catalog_category WHERE slug = %(category)s::text OR id = %(category_id)s::bigint
                  ORDER BY id <> %(category_id)s::bigint LIMIT 1) END,
       CASE WHEN %(collection)s::text = '' THEN 0
            ELSE (SELECT id FROM catalog_collection
                  WHERE (slug = %(collection)s::text OR id = %(collection_id)s::bigint) AND is_active
                  ORDER BY id <> %(collection_id)s::bigint LIMIT 1) END,
       CASE WHEN %(merchant)s::text = '' THEN 0
            ELSE (SELECT id FROM merchants_merchant
                  WHERE lower(username) = lower(%(merchant)s::text) OR id = %(merchant_id)s::bigint
                  ORDER BY id <> %(merchant_id)s::bigint LIMIT 1) END
"""


def find_filter_ids(
    *, category: str, collection: str, merchant: str
) -> tuple[int | None, int | None, int | None] | None:
    """The ids behind ids or slugs (a merchant: username); "" asks for nothing and gives None. One query.

    None when one of them is not there.
    """
    given = {"category": category, "collection": collection, "merchant": merchant}
    params: dict[str, str | int] = {**given, **{f"{name}_id": _number(key) for name, key in given.items()}}
    found = fetch_all(_IDS, params)[0]
    if None in found:
        return None
    return found[0] or None, found[1] or None, found[2] or None


def _number(key: str) -> int:
    """0, which is nobody's id, for what is no number."""
    return int(key) if key.isascii() and key.isdigit() and len(key) < 19 else 0


def find_category_id(key: str) -> int | None:
    """By id or slug."""
    found = find_filter_ids(category=key, collection="", merchant="") if key else None
    return found[0] if found else None


def list_categories() -> list[Category]:
    """All categories, each before those in it; one query."""
    tree = Category.objects.with_tree_fields().order_by().extra(order_by=["__tree.tree_ordering"])
    return list(tree.select_related("image"))


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
    category: Category = Category.objects.select_related("image").get(pk=found)
    return category


def products_visible_to(principal: Principal) -> QuerySet[Product]:
    """For the back office: a merchant's own products in every state, all for operators."""
    products = Product.objects.filter(deleted_at=None).select_related("merchant", "category").order_by("-pk")
    if not principal.is_authenticated:
        return products.none()
    if principal.is_operator:
        return products
    return products.filter(merchant_id__in=merchant_ids_of(principal))


def list_own_products(principal: Principal, *, state: str = "", search: str = "") -> QuerySet[Product]:
    """A back office's list, newest first; `search` looks into titles and SKUs. Eight queries a page."""
    products = with_variants(products_visible_to(principal))
    if state:
        products = products.filter(state=state)
    if search:
        products = products.filter(_has_words(search))
    return products


def get_own_product(product_id: int, principal: Principal) -> Product:
    """One product for its back office, with variants. Raises ProductNotFound."""
    product = with_variants(products_visible_to(principal)).filter(pk=product_id).first()
    if product is None:
        raise ProductNotFound
    return product


def products_of_merchant(merchant_id: int, *, search: str = "") -> QuerySet[Product]:
    """All that a merchant has not deleted, newest first, for who has been let in already; `search` looks into titles and
    SKUs.
    """
    products = Product.objects.filter(merchant_id=merchant_id, deleted_at=None).order_by("-pk")
    return products.filter(_has_words(search)) if search else products


def get_product_of_merchant(merchant_id: int, product_id: int) -> Product:
    """One of them, with `variants`. Raises ProductNotFound for another merchant's."""
    variants = Prefetch("variants", Variant.objects.order_by("position", "pk"))
    product = products_of_merchant(merchant_id).prefetch_related(variants).filter(pk=product_id).first()
    if product is None:
        raise ProductNotFound
    return product


def _has_words(search: str) -> Q:
    wanted = Q(Exists(Variant.objects.filter(product=OuterRef("pk"), sku__icontains=search[:100])))
    for language in LANGUAGES:
        wanted |= Q(**{f"title_{language}__icontains": search[:100]})
    return wanted


def get_own_product_id(slug: str, principal: Principal) -> int:
    """The id of a product that its merchant's people name by slug. Raises ProductNotFound."""
    found = products_visible_to(principal).filter(slug=slug).values_list("pk", flat=True).first()
    if found is None:
        raise ProductNotFound
    return int(found)


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


def get_tag(slug: str) -> Tag:
    """Raises NotFound."""
    tag = Tag.objects.filter(slug=slug[:200]).first()
    if tag is None:
        raise NotFound
    return tag


def collections_visible_to(principal: Principal) -> QuerySet[Collection]:
    """Those on show; a merchant's own and, for operators, all of them also when they are not."""
    collections = Collection.objects.select_related("image").order_by("position", "pk")
    if principal.is_authenticated and principal.is_operator:
        return collections
    return collections.filter(Q(is_active=True) | Q(merchant_id__in=merchant_ids_of(principal)))


def get_collection(key: str, principal: Principal) -> Collection:
    """By id or slug, an id first. Raises NotFound."""
    named = collections_visible_to(principal).filter(Q(slug=key[:200]) | Q(pk=_number(key)))
    found = sorted(named, key=lambda each: each.pk != _number(key))
    if not found:
        raise NotFound
    return found[0]


def modifier_groups_visible_to(principal: Principal) -> QuerySet[ModifierGroup]:
    """A merchant's own, all for operators; with modifiers."""
    groups = ModifierGroup.objects.prefetch_related("modifiers").order_by("pk")
    if not principal.is_authenticated:
        return groups.none()
    if principal.is_operator:
        return groups
    return groups.filter(merchant_id__in=merchant_ids_of(principal))


def get_own_modifier_group(group_id: int, principal: Principal) -> ModifierGroup:
    """Raises NotFound."""
    group = modifier_groups_visible_to(principal).filter(pk=group_id).first()
    if group is None:
        raise NotFound
    return group


def list_favourite_ids(user: User) -> list[int]:
    """Products on a person's wishlist that are still shown, newest first."""
    return list(
        WindowRow.objects.filter(product__favourites__user=user, is_visible=True)
        .order_by("-product__favourites__id")
        .values_list("pk", flat=True)
    )
