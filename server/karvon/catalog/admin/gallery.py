"""A product's pictures as rows under it, and several uploaded at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import FILE_CLASSES

from karvon.accounts.admin_base import RoomInline
from karvon.accounts.models import User
from karvon.catalog.admin.reading import kept_rows
from karvon.catalog.gallery import (
    MOST_IMAGES,
    add_product_image,
    change_product_image,
    remove_product_image,
    reorder_product_images,
)
from karvon.catalog.models import Product, ProductImage
from karvon.media.selectors import merchant_ref
from karvon.media.services import store_image
from karvon.media.urls import asset_url


class ProductImageInline(RoomInline):
    model = ProductImage
    fields = ["preview", "asset", "alt", "position"]
    readonly_fields = ["preview"]
    autocomplete_fields = ["asset"]
    ordering_field = "position"
    hide_ordering_field = True
    ordering = ["position", "id"]
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductImage]:
        return super().get_queryset(request).select_related("asset")

    @display(description=gettext_lazy("Picture"))
    def preview(self, image: ProductImage) -> SafeString | str:
        if not image.pk:
            return ""
        return format_html(
            '<img class="kv-thumb" src="{}" alt="{}" width="40" height="40" loading="lazy">',
            asset_url(image.asset.file),
            image.alt,
        )


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(SeveralFilesField, self).clean(file, initial) for file in files]


class UploadForm(forms.Form):
    pictures = SeveralFilesField(
        label=gettext_lazy("Pictures"),
        help_text=gettext_lazy("JPEG, PNG, WebP, AVIF or GIF"),
        widget=SeveralFilesInput(attrs={"accept": "image/*", "class": " ".join(FILE_CLASSES)}),
    )


def add_pictures(files: Sequence[UploadedFile], *, product: Product, actor: User) -> int:
    """Stores the files and puts them at the end of the gallery. Raises what storing and adding raise."""
    for file in files[:MOST_IMAGES]:
        asset = store_image(
            data=file,  # type: ignore[arg-type]
            file_name=file.name or "",
            owner_ref=merchant_ref(product.merchant_id),
            actor=actor,
        )
        add_product_image(product_id=product.pk, asset_id=asset.pk, actor=actor)
    return len(files)


def write_gallery(formset: Any, *, product_id: int, actor: User) -> None:
    """Brings the gallery to what the rows of the form say: removed, added, described, in order."""
    for form in formset.deleted_forms:
        if form.instance.pk:
            remove_product_image(product_id=product_id, image_id=form.instance.pk, actor=actor)
    order: list[tuple[int, int]] = []
    for form in kept_rows(formset):
        given = form.cleaned_data
        image_id = form.instance.pk
        if image_id is None:
            image = add_product_image(
                product_id=product_id, asset_id=given["asset"].pk, actor=actor, alt=given["alt"] or ""
            )
            image_id = image.pk
        elif "alt" in form.changed_data:
            changes: dict[str, str | int | None] = {"alt": given["alt"] or ""}
            change_product_image(product_id=product_id, image_id=image_id, actor=actor, changes=changes)
        order.append((given.get("position") or 0, image_id))
    wanted = [image_id for _position, image_id in sorted(order)]
    have = list(
        ProductImage.objects.filter(product_id=product_id)
        .order_by("position", "id")
        .values_list("pk", flat=True)
    )
    # a picture that was added twice is one row, and the gallery may have changed meanwhile
    if wanted != have and sorted(set(wanted)) == sorted(have):
        reorder_product_images(product_id=product_id, order=list(dict.fromkeys(wanted)), actor=actor)
