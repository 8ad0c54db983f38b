"""Products: made, changed, published, withdrawn, deleted; by people, and by imports."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from karvon.catalog.errors import ChangedMeanwhile, HandleTaken, ProductNotFound
from karvon.catalog.html import clean_html
from karvon.catalog.inputs import ProductInput
from karvon.catalog.models import (
    Category,
    ModifierGroup,
    Product,
    ProductKind,
    ProductModifierGroup,
    ProductState,
    Variant,
)
from karvon.catalog.services.lookups import CatalogLookups
from karvon.catalog.services.variants import write_values, write_variants
from karvon.catalog.slugs import free_slug
from karvon.catalog.texts import assign, first_text, has_control_characters
from karvon.catalog.window import refresh_products
from karvon.catalog.window.locks import share_texts
from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.errors import ValidationFailed
from karvon.kernel.languages import LANGUAGES
from karvon.merchants import policies
from karvon.merchants.models import Merchant, MerchantKind

if TYPE_CHECKING:
    from karvon.accounts.models import User

_PLAIN = ("kind", "vendor", "state", "publish_at", "unpublish_at", "category_id")


@transactional
def create_product(*, merchant_id: int, product: ProductInput, actor: User | None) -> Product:
    """A new product with at least one variant. Raises what `policies.require` raises, ValidationFailed, HandleTaken, SkuTaken."""
    share_texts()
    merchant = policies.require(actor, merchant_id, policies.Action.MANAGE_CATALOGUE)
    if not product.variants or not any((product.titles or {}).values()):
        raise ValidationFailed(details={"title": [_("A product needs a title and at least one variant.")]})
    row = _write(None, merchant, product)
    refresh_products([row.pk])
    return row


@transactional
def update_product(
    *, product_id: int, product: ProductInput, actor: User | None, expected_version: int | None = None
) -> Product:
    """Change what is given. Raises ProductNotFound for strangers, else as `create_product`.

    `expected_version` is the moment of its last change (microseconds) that the caller has seen: ChangedMeanwhile is
    raised when somebody was quicker.
    """
    row = lock_product(product_id=product_id, actor=actor)
    _check_version(row, expected_version)
    _write(row, row.merchant, product)
    refresh_products([row.pk])
    return row


def _check_version(row: Product, expected: int | None) -> None:
    if expected is not None and expected != version_of(row):
        raise ChangedMeanwhile


def version_of(row: Product) -> int:
    """When it was last changed, in microseconds."""
    return int(row.updated_at.timestamp()) * 1_000_000 + row.updated_at.microsecond


@transactional
def set_product_state(*, product_id: int, state: str, actor: User | None) -> Product:
    """Publish, withdraw to draft, or archive."""
    row = lock_product(product_id=product_id, actor=actor)
    if state not in ProductState.values:
        raise ValidationFailed(details={"state": [_("Not one of the choices.")]})
    row.state = ProductState(state)
    row.save(update_fields=["state", "updated_at"])
    refresh_products([row.pk])
    return row


@transactional
def delete_product(
    *, product_id: int, actor: User | None, expected_version: int | None = None, now: datetime | None = None
) -> None:
    """Take it out of the shop for good. The row stays for its orders; handle and SKUs may be used again.

    `expected_version` as in `update_product`.
    """
    row = lock_product(product_id=product_id, actor=actor)
    _check_version(row, expected_version)
    row.deleted_at = now or clock.now()
    row.slug = f"{row.slug[:140]}-deleted-{row.pk}"
    row.save(update_fields=["deleted_at", "slug", "updated_at"])
    for variant in Variant.objects.select_for_update().filter(product=row).order_by("pk"):
        variant.is_active = False
        variant.sku = f"{variant.sku[:78]}~{variant.pk}"
        variant.save(update_fields=["is_active", "sku", "updated_at"])
    refresh_products([row.pk])


def lock_product(*, product_id: int, actor: User | None) -> Product:
    """A living product under its row lock, if `actor` may change it. Raises ProductNotFound and what policies raise."""
    share_texts()
    row = (
        Product.objects.select_for_update(of=("self",), no_key=True)
        .select_related("merchant")
        .filter(pk=product_id, deleted_at=None)
        .first()
    )
    if row is None:
        raise ProductNotFound
    policies.require(actor, row.merchant_id, policies.Action.MANAGE_CATALOGUE)
    return row


def _write(row: Product | None, merchant: Merchant, product: ProductInput) -> Product:
    lookups, is_new = CatalogLookups(), row is None
    if product.modifier_group_ids:
        _check_modifier_groups(merchant, product.modifier_group_ids)
    if row is None:
        kind = ProductKind.FOOD if merchant.kind == MerchantKind.RESTAURANT else ProductKind.PHYSICAL
        row = Product(merchant=merchant, currency=merchant.currency, kind=kind)
    changed = _set_fields(row, product)
    if is_new or changed:
        _save(row)
    changed |= _set_tags(row, product, lookups)
    if product.attributes is not None:
        changed |= write_values(row, product.attributes, lookups)
    if product.variants is not None:
        changed |= write_variants(row, product, lookups)
    if product.modifier_group_ids is not None:
        changed |= _set_modifier_groups(row, product.modifier_group_ids)
    if changed and not is_new:
        row.updated_at = clock.now()
        Product.objects.filter(pk=row.pk).update(updated_at=row.updated_at)
    return row


def _set_fields(row: Product, product: ProductInput) -> bool:
    _check_choices(row, product)
    changed = assign(row, "title", product.titles)
    if product.descriptions is not None:
        cleaned = {language: clean_html(text) for language, text in product.descriptions.items()}
        changed |= assign(row, "description", cleaned)
    for name in _PLAIN:
        value = getattr(product, name)
        if (value is not None or name in product.clears) and getattr(row, name) != value:
            setattr(row, name, value)
            changed = True
    changed |= _set_names(row, product)
    if not any(getattr(row, f"title_{language}") for language in LANGUAGES):
        raise ValidationFailed(details={"title": [_("This field may not be blank.")]})
    return changed


def _check_choices(row: Product, product: ProductInput) -> None:
    details = {}
    for name, longest in (("vendor", 128), ("handle", 255)):
        value = getattr(product, name) or ""
        if len(value) > longest or has_control_characters(value):
            details[name] = [_("Too long, or with characters that are not allowed.")]
    if product.state is not None and product.state not in ProductState.values:
        details["state"] = [_("Not one of the choices.")]
    if product.kind is not None and product.kind not in ProductKind.values:
        details["kind"] = [_("Not one of the choices.")]
    if product.category_id is not None and not Category.objects.filter(pk=product.category_id).exists():
        details["category"] = [_("There is no such category.")]
    begin, end = (
        None if name in product.clears else getattr(product, name) or getattr(row, name)
        for name in ("publish_at", "unpublish_at")
    )
    if begin and end and begin >= end:
        details["unpublish_at"] = [_("Must be after the publication.")]
    if details:
        raise ValidationFailed(details=details)


def _set_names(row: Product, product: ProductInput) -> bool:
    """Slug and handle: given, or made from the title once."""
    before = row.slug, row.handle
    if not row.slug or (product.slug and product.slug != row.slug):
        wanted = product.slug or first_text(product.titles or {})
        row.slug = free_slug(Product, wanted, fallback="product", exclude_id=row.pk)
    row.handle = product.handle or row.handle or row.slug
    return (row.slug, row.handle) != before


def _save(row: Product) -> None:
    """Somebody may take the slug between the look and the write: then it gets a tail. Raises HandleTaken."""
    for _attempt in range(3):
        try:
            with transaction.atomic():
                row.save()
                return
        except IntegrityError as error:
            if "product_handle_unique_per_merchant" in str(error):
                raise HandleTaken(details={"handle": [HandleTaken.message]}) from error
            if "slug" not in str(error):
                raise
            row.slug = free_slug(Product, row.slug, fallback="product", exclude_id=row.pk)
    raise HandleTaken


def _set_tags(row: Product, product: ProductInput, lookups: CatalogLookups) -> bool:
    if product.tags is None:
        return False
    wanted = {lookups.tag(name).pk for name in product.tags if name.strip()}
    have = set(row.tags.values_list("pk", flat=True))
    if wanted == have:
        return False
    row.tags.set(wanted)
    return True


def _check_modifier_groups(merchant: Merchant, group_ids: tuple[int, ...]) -> None:
    own = ModifierGroup.objects.filter(pk__in=group_ids, merchant=merchant)
    if set(group_ids) - set(own.values_list("pk", flat=True)):
        raise ValidationFailed(details={"modifier_groups": [_("There is no such modifier group.")]})


def _set_modifier_groups(row: Product, group_ids: tuple[int, ...]) -> bool:
    have = list(row.modifier_links.order_by("position", "id").values_list("group_id", flat=True))
    if have == list(group_ids):
        return False
    row.modifier_links.all().delete()
    ProductModifierGroup.objects.bulk_create(
        ProductModifierGroup(product=row, group_id=pk, position=position)
        for position, pk in enumerate(dict.fromkeys(group_ids))
    )
    return True
