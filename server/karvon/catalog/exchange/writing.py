"""Plans into rows, many products with few statements. The caller's transaction makes it all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.text import slugify

from karvon.catalog.exchange.planning import ProductPlan, VariantPlan
from karvon.catalog.exchange.rows import ParsedImage
from karvon.catalog.exchange.stock import set_on_hand
from karvon.catalog.models import (
    Product,
    ProductAttribute,
    ProductImage,
    ProductModifierGroup,
    Variant,
    VariantAttribute,
)
from karvon.catalog.slugs import free_slug
from karvon.catalog.texts import columns
from karvon.catalog.window import refresh_products
from karvon.kernel.clock import now as current_time
from karvon.kernel.languages import LANGUAGES
from karvon.merchants.models import Merchant

if TYPE_CHECKING:
    from karvon.accounts.models import User

_PRODUCT_FIELDS = (
    *(f"title_{language}" for language in LANGUAGES), *(f"description_{language}" for language in LANGUAGES),
    "slug", "state", "kind", "vendor", "currency", "category_id", "publish_at", "unpublish_at", "updated_at",
)  # fmt: skip
_VARIANT_FIELDS = (
    *(f"title_{language}" for language in LANGUAGES), "price", "compare_at_price", "tracks_stock", "is_active",
    "position", "barcode", "weight_grams", "updated_at",
)  # fmt: skip


def write_known_stock(merchant: Merchant, plans: Sequence[ProductPlan], actor: User | None) -> None:
    """Quantities of variants that are there already: stock is locked before products, here as everywhere."""
    _write_stock(merchant, plans, actor, lambda variant: not variant.is_new)


def write_plans(
    merchant: Merchant,
    plans: Sequence[ProductPlan],
    actor: User | None,
    galleries: Mapping[str, Mapping[int, ParsedImage]],
) -> None:
    """Write what the plans say, new stock and the window included.

    `galleries` has each handle's pictures by asset id, in the order of the file.
    """
    plans = [plan for plan in plans if plan.touches]
    if not plans:
        return
    _write_products(plans)
    _write_variants(plans)
    _write_values(plans)
    _write_links(plans)
    _write_images(plans, galleries)
    _write_stock(merchant, plans, actor, lambda variant: variant.is_new)
    refresh_products([plan.row.pk for plan in plans])


def _write_products(plans: Sequence[ProductPlan]) -> None:
    new = [plan for plan in plans if plan.is_new]
    _give_slugs(new)
    Product.objects.bulk_create([plan.row for plan in new])
    known = [plan for plan in plans if not plan.is_new]
    for plan in known:
        _wish_slug(plan)
        plan.row.updated_at = current_time()
    changed = [plan.row for plan in known if plan.is_changed]
    Product.objects.bulk_update(changed, _PRODUCT_FIELDS)
    # the rest changed in something that belongs to them
    others = [plan.row.pk for plan in known if not plan.is_changed]
    if others:
        Product.objects.filter(pk__in=others).update(updated_at=current_time())


def _give_slugs(plans: Sequence[ProductPlan]) -> None:
    """Addresses of new products: as wished, or made from the title; a random tail where taken."""
    wishes = {id(plan): _base_slug(plan) for plan in plans}
    taken = set(Product.objects.filter(slug__in=set(wishes.values())).values_list("slug", flat=True))
    for plan in plans:
        slug = wishes[id(plan)]
        plan.row.slug = free_slug(Product, slug, fallback="product") if slug in taken else slug
        taken.add(plan.row.slug)


def _base_slug(plan: ProductPlan) -> str:
    parsed = plan.parsed
    title = parsed.titles.get("en") or next(iter(parsed.titles.values()))
    return slugify(parsed.slug or title, allow_unicode=True)[:152].strip("-_") or "product"


def _wish_slug(plan: ProductPlan) -> None:
    """An exact file may give a known product another address, if that is free."""
    wish = plan.parsed.slug if plan.parsed.is_exact else ""
    is_new = wish and wish != plan.row.slug and wish == slugify(wish, allow_unicode=True)
    if is_new and not Product.objects.filter(slug=wish).exists():
        plan.row.slug = wish
        plan.is_changed = True


def _write_variants(plans: Sequence[ProductPlan]) -> None:
    new, changed = [], []
    for plan in plans:
        for variant in plan.variants:
            variant.row.product = plan.row
            if variant.is_new:
                new.append(variant.row)
            elif variant.is_changed:
                variant.row.updated_at = current_time()
                changed.append(variant.row)
    Variant.objects.bulk_create(new)
    Variant.objects.bulk_update(changed, _VARIANT_FIELDS)
    withdrawn = [row.pk for plan in plans for row in plan.withdrawn]
    if withdrawn:
        Variant.objects.filter(pk__in=withdrawn).update(is_active=False, updated_at=current_time())


def _write_values(plans: Sequence[ProductPlan]) -> None:
    _delete(ProductAttribute, (pk for plan in plans for pk in plan.stale_product_values))
    _delete(VariantAttribute, (pk for plan in plans for pk in plan.stale_variant_values))
    ProductAttribute.objects.bulk_create(
        ProductAttribute(product=plan.row, **value) for plan in plans for value in plan.new_values
    )
    VariantAttribute.objects.bulk_create(
        VariantAttribute(variant=variant.row, **value)
        for plan in plans
        for variant in plan.variants
        for value in variant.new_values
    )


def _delete(model: type[Any], ids: Iterable[int]) -> None:
    stale = list(ids)
    if stale:
        model.objects.filter(pk__in=stale).delete()


def _write_links(plans: Sequence[ProductPlan]) -> None:
    """Tags and modifier groups of the products in which they differ."""
    tagged = [plan for plan in plans if plan.tag_ids is not None]
    through: Any = Product.tags.through
    through.objects.filter(product__in=[plan.row.pk for plan in tagged if not plan.is_new]).delete()
    through.objects.bulk_create(
        through(product_id=plan.row.pk, tag_id=tag_id)
        for plan in tagged
        for tag_id in sorted(plan.tag_ids or ())
    )
    grouped = [plan for plan in plans if plan.group_ids is not None]
    if grouped:
        ProductModifierGroup.objects.filter(product__in=[plan.row.pk for plan in grouped]).delete()
        ProductModifierGroup.objects.bulk_create(
            ProductModifierGroup(product=plan.row, group_id=group_id, position=position)
            for plan in grouped
            for position, group_id in enumerate(plan.group_ids or ())
        )


def _write_images(plans: Sequence[ProductPlan], galleries: Mapping[str, Mapping[int, ParsedImage]]) -> None:
    rows = []
    for plan in plans:
        if not plan.asset_ids:
            continue
        images = galleries[plan.parsed.handle]
        order = list(images)
        by_sku = {variant.parsed.sku: variant.row for variant in plan.variants}
        for asset_id in plan.asset_ids:
            image = images[asset_id]
            rows.append(
                ProductImage(
                    product=plan.row,
                    asset_id=asset_id,
                    variant=by_sku.get(image.sku),
                    position=order.index(asset_id),
                    **columns("alt", image.alts),
                )
            )
    ProductImage.objects.bulk_create(rows)


def _write_stock(
    merchant: Merchant,
    plans: Sequence[ProductPlan],
    actor: User | None,
    chooses: Callable[[VariantPlan], bool],
) -> None:
    quantities = {
        variant.row.pk: variant.parsed.quantity
        for plan in plans
        for variant in plan.variants
        if variant.is_moved and variant.parsed.quantity is not None and chooses(variant)
    }
    set_on_hand(merchant, quantities, actor)
