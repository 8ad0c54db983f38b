"""A product's pictures and their order: every verb rewrites the product's window in its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO, Final

from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from karvon.catalog.models import Product, ProductImage, Variant
from karvon.catalog.window import refresh_products
from karvon.catalog.window.locks import share_texts
from karvon.kernel.db import transactional
from karvon.kernel.errors import Conflict, NotFound, ValidationFailed
from karvon.media.models import Asset
from karvon.media.selectors import get_asset, merchant_ref
from karvon.media.services import store_image
from karvon.merchants import policies

if TYPE_CHECKING:
    from karvon.accounts.models import User

MOST_IMAGES: Final = 50


class GalleryFull(Conflict):
    code = "gallery_full"
    message = _("The product has as many pictures as it can have. Remove one first.")


def list_gallery(*, product_id: int, actor: User | None) -> QuerySet[ProductImage]:
    """The pictures of a product that `actor` may change, in their order; three queries with renditions.

    Raises NotFound for strangers and what `policies.require` raises.
    """
    get_merchant_id(product_id=product_id, actor=actor)
    return _gallery(product_id)


def get_merchant_id(*, product_id: int, actor: User | None) -> int:
    """Whose product it is, if `actor` may change it. Raises NotFound and what `policies.require` raises."""
    product = _find_product(Product.objects.all(), product_id)
    policies.require(actor, product.merchant_id, policies.Action.MANAGE_CATALOGUE)
    return product.merchant_id


@transactional
def add_product_image(
    *, product_id: int, asset_id: int, actor: User | None, alt: str = "", variant_id: int | None = None
) -> ProductImage:
    """Put one of the merchant's pictures at the end of the gallery; one that is there already stays where
    it is.

    Raises NotFound, ValidationFailed (a variant of another product), GalleryFull, and what
    `policies.require` raises.
    """
    product = _lock_product(product_id, actor)
    _check_variant(product_id, variant_id)
    known = _gallery(product_id).filter(asset_id=asset_id).first()
    if known is not None:
        return known
    # operators may also use the platform's own pictures
    refs = None if actor is None or actor.is_operator else [merchant_ref(product.merchant_id)]
    asset = get_asset(asset_id=asset_id, owner_refs=refs)
    if _gallery(product_id).count() >= MOST_IMAGES:
        raise GalleryFull
    last = ProductImage.objects.filter(product=product).aggregate(last=Max("position"))["last"]
    image = ProductImage.objects.create(
        product=product, asset=asset, alt=alt, variant_id=variant_id, position=0 if last is None else last + 1
    )
    refresh_products([product_id])
    return image


def upload_product_image(
    *, product_id: int, data: BinaryIO, file_name: str, actor: User | None, max_bytes: int, alt: str = ""
) -> ProductImage:
    """Keep a new picture in the merchant's library and put it at the end of the gallery.

    Raises NotFound, what `media.store_image` raises (ImageTooLarge above `max_bytes`), GalleryFull, and what
    `policies.require` raises; the picture is not decoded before the person is known to be allowed.
    """
    merchant_id = get_merchant_id(product_id=product_id, actor=actor)
    asset = store_image(
        data=data,
        file_name=file_name,
        owner_ref=merchant_ref(merchant_id),
        actor=actor,
        alt=alt,
        max_bytes=max_bytes,
    )
    return add_product_image(product_id=product_id, asset_id=asset.pk, actor=actor, alt=alt)


@transactional
def change_product_image(
    *, product_id: int, image_id: int, actor: User | None, changes: dict[str, str | int | None]
) -> ProductImage:
    """Change `alt` and `variant` (an id or None) of a picture at its place.

    Raises NotFound, ValidationFailed, and what `policies.require` raises.
    """
    _lock_product(product_id, actor)
    image = _get_image(product_id, image_id)
    if "alt" in changes:
        image.alt = str(changes["alt"])
    if "variant" in changes:
        variant_id = changes["variant"]
        _check_variant(product_id, None if variant_id is None else int(variant_id))
        image.variant_id = variant_id
    image.save()
    refresh_products([product_id])
    return image


@transactional
def remove_product_image(*, product_id: int, image_id: int, actor: User | None) -> None:
    """Take a picture out of the gallery; it stays in the library.

    Raises NotFound and what `policies.require` raises.
    """
    _lock_product(product_id, actor)
    _get_image(product_id, image_id).delete()
    refresh_products([product_id])


@transactional
def set_product_images(*, product_id: int, asset_ids: Sequence[int], actor: User | None) -> None:
    """Make the gallery exactly these pictures of the merchant's, in this order; what was there already keeps its words.

    Raises NotFound (also for another one's picture), GalleryFull, and what `policies.require` raises.
    """
    product = _lock_product(product_id, actor)
    wanted = list(dict.fromkeys(asset_ids))
    if len(wanted) > MOST_IMAGES:
        raise GalleryFull
    own = Asset.objects.filter(pk__in=wanted, owner_ref=merchant_ref(product.merchant_id))
    if own.count() < len(wanted):
        raise NotFound
    images = {image.asset_id: image for image in _gallery(product_id)}
    ProductImage.objects.filter(product=product).exclude(asset_id__in=wanted).delete()
    for position, asset_id in enumerate(wanted):
        image = images.get(asset_id) or ProductImage(product=product, asset_id=asset_id)
        if image.pk is None or image.position != position:
            image.position = position
            image.save()
    refresh_products([product_id])


@transactional
def reorder_product_images(*, product_id: int, order: Sequence[int], actor: User | None) -> None:
    """Give the gallery this order of picture ids.

    Raises ValidationFailed unless each picture is named once.
    """
    _lock_product(product_id, actor)
    images = {image.pk: image for image in _gallery(product_id)}
    if sorted(order) != sorted(images):
        raise ValidationFailed(details={"order": [str(_("Name each picture of the product once."))]})
    for position, image_id in enumerate(order):
        images[image_id].position = position
    ProductImage.objects.bulk_update(images.values(), ["position"])
    refresh_products([product_id])


def _gallery(product_id: int) -> QuerySet[ProductImage]:
    images = ProductImage.objects.filter(product_id=product_id).select_related("asset")
    return images.prefetch_related("asset__renditions").order_by("position", "id")


def _find_product(products: QuerySet[Product], product_id: int) -> Product:
    product = products.filter(pk=product_id, deleted_at__isnull=True).first()
    if product is None:
        raise NotFound
    return product


def _lock_product(product_id: int, actor: User | None) -> Product:
    share_texts()
    product = _find_product(Product.objects.select_for_update(), product_id)
    policies.require(actor, product.merchant_id, policies.Action.MANAGE_CATALOGUE)
    return product


def _get_image(product_id: int, image_id: int) -> ProductImage:
    image = _gallery(product_id).filter(pk=image_id).first()
    if image is None:
        raise NotFound
    return image


def _check_variant(product_id: int, variant_id: int | None) -> None:
    if variant_id is not None and not Variant.objects.filter(pk=variant_id, product_id=product_id).exists():
        raise ValidationFailed(details={"variant": [str(_("The product has no such variant."))]})
