from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from karvon.accounts.admin_base import (
    MomentFilter,
    RoomInline,
    ScopedFilter,
    badge,
    get_user,
    language_fieldsets,
)
from karvon.accounts.admin_pages import Task, get_row, show_task
from karvon.accounts.models import User
from karvon.catalog.admin.gallery import ProductImageInline, UploadForm, add_pictures, write_gallery
from karvon.catalog.admin.reading import find_formset, kept_rows, read_texts, read_values
from karvon.catalog.admin.values import ValueInline
from karvon.catalog.admin.variants import VariantInline, read_variant
from karvon.catalog.inputs import ProductInput
from karvon.catalog.models import (
    Product,
    ProductAttribute,
    ProductImage,
    ProductModifierGroup,
    ProductState,
    Variant,
)
from karvon.catalog.services import create_product, delete_product, set_product_state, update_product
from karvon.kernel.formats import show_amount
from karvon.kernel.languages import LANGUAGES
from karvon.media.urls import asset_url
from karvon.merchants.admin_base import MerchantRoomAdmin

STATE_COLOURS = {
    ProductState.DRAFT: "warning",
    ProductState.PUBLISHED: "success",
    ProductState.ARCHIVED: "danger",
}
# the longest columns, of which a list shows none
UNREAD = ["description", *(f"description_{language}" for language in LANGUAGES)]


class ProductAttributeInline(ValueInline):
    model = ProductAttribute


class ModifierLinkInline(RoomInline):
    model = ProductModifierGroup
    verbose_name = gettext_lazy("modifier group")
    verbose_name_plural = gettext_lazy("modifier groups")
    fields = ["group", "position"]
    autocomplete_fields = ["group"]
    ordering_field = "position"
    hide_ordering_field = True
    tab = True


class AvailabilityFilter(admin.SimpleListFilter):
    title = gettext_lazy("availability")
    parameter_name = "available"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("In stock")), ("0", _("Sold out"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        if self.value() in ("0", "1"):
            return queryset.filter(window__in_stock=self.value() == "1")
        return queryset


@admin.register(Product)
class ProductAdmin(MerchantRoomAdmin[Product]):
    list_display = [
        "shown_title",
        "merchant",
        "category",
        "prices",
        "stock",
        "rating",
        "shown_state",
        "updated_at",
    ]
    list_select_related = ["merchant", "category"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        AvailabilityFilter,
        ("category", ScopedFilter),
        ("merchant", ScopedFilter),
        ("created_at", MomentFilter),
    ]
    search_fields = [
        "title_uz",
        "title_ru",
        "title_en",
        "title_ar",
        "handle",
        "vendor",
        "variants__sku",
        "variants__barcode",
    ]
    search_help_text = gettext_lazy("title, SKU, barcode, brand or handle")
    ordering = ["-id"]
    autocomplete_fields = ["merchant", "category", "tags"]
    readonly_fields = ["currency", "rating", "sold_count", "created_at", "updated_at"]
    field_names = {"title": "title_uz", "description": "description_uz"}
    inlines = [VariantInline, ProductImageInline, ProductAttributeInline, ModifierLinkInline]
    actions = ["publish", "withdraw", "archive"]
    actions_detail = ["upload_pictures", "open_stock"]
    fieldsets = [
        (None, {"fields": ["merchant", "category", "kind", "vendor", "tags", "state"]}),
        *language_fieldsets("title", "description"),
        (
            gettext_lazy("More"),
            {
                "fields": [
                    "publish_at",
                    "unpublish_at",
                    "slug",
                    "handle",
                    "currency",
                    "rating",
                    "sold_count",
                    "created_at",
                    "updated_at",
                ],
                "classes": ["collapse"],
            },
        ),
    ]

    def visible(self, rows: QuerySet[Product], user: User) -> QuerySet[Product]:
        return super().visible(rows.filter(deleted_at__isnull=True), user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        first_picture = ProductImage.objects.filter(product=OuterRef("pk")).order_by("position", "id")
        return (
            super()
            .get_queryset(request)
            .annotate(
                price_min=F("window__price_min"),
                price_max=F("window__price_max"),
                quantity=F("window__quantity"),
                in_stock=F("window__in_stock"),
                picture=Subquery(first_picture.values("asset__file")[:1]),
            )
        )

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        changelist.queryset = changelist.queryset.defer(*UNREAD)
        return changelist

    def get_readonly_fields(self, request: HttpRequest, obj: Product | None = None) -> Any:
        return self.readonly_fields if obj is None else [*self.readonly_fields, "merchant"]

    def get_form(
        self, request: HttpRequest, obj: Product | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form_class = super().get_form(request, obj, change=change, **kwargs)
        for name in ("slug", "handle"):
            if name in form_class.base_fields:
                form_class.base_fields[name].required = False
                form_class.base_fields[name].help_text = _("empty: made from the title")
        return form_class

    # -- writing

    def write(
        self, request: HttpRequest, row: Product, form: Any, formsets: Sequence[Any], *, change: bool
    ) -> Product:
        actor, data = get_user(request), _read(form.cleaned_data, formsets)
        if change:
            saved = update_product(product_id=row.pk, product=data, actor=actor)
        else:
            merchant = form.cleaned_data["merchant"]
            saved = create_product(merchant_id=merchant.pk, product=data, actor=actor)
        gallery = find_formset(formsets, ProductImage)
        if gallery is not None:
            write_gallery(gallery, product_id=saved.pk, actor=actor)
        return saved

    def remove(self, request: HttpRequest, row: Product) -> None:
        delete_product(product_id=row.pk, actor=get_user(request))

    @admin.action(description=gettext_lazy("Publish"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        self._set_state(request, queryset, ProductState.PUBLISHED)

    @admin.action(description=gettext_lazy("Withdraw to draft"), permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        self._set_state(request, queryset, ProductState.DRAFT)

    @admin.action(description=gettext_lazy("Archive"), permissions=["change"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        self._set_state(request, queryset, ProductState.ARCHIVED)

    def _set_state(self, request: HttpRequest, queryset: QuerySet[Product], state: ProductState) -> None:
        def change(product: Product) -> None:
            set_product_state(product_id=product.pk, state=state, actor=get_user(request))

        self.for_each(request, queryset, change, done=_("Products changed: %(count)d"))

    @action(
        description=gettext_lazy("Upload pictures"),
        url_path="pictures",
        permissions=["change"],
        icon="add_photo_alternate",
    )
    def upload_pictures(self, request: HttpRequest, object_id: str) -> HttpResponse:
        product = get_row(self, request, object_id)

        def run(given: dict[str, Any]) -> str:
            count = add_pictures(given["pictures"], product=product, actor=get_user(request))
            return _("Pictures added: %(count)d") % {"count": count}

        task = Task(title=_("Upload pictures"), submit=_("Upload"), run=run, form=UploadForm)
        return show_task(self, request, task, row=product)

    @action(description=gettext_lazy("Stock"), url_path="stock", permissions=["view"], icon="warehouse")
    def open_stock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        product = get_row(self, request, object_id, verb="view")
        sku = Variant.objects.filter(product=product).values_list("sku", flat=True).first() or ""
        levels = reverse("admin:inventory_stocklevel_changelist", query={"q": sku})
        return HttpResponseRedirect(levels)

    # -- columns

    @display(description=gettext_lazy("Product"), header=True, ordering="title_uz")
    def shown_title(self, product: Any) -> list[Any]:
        picture = {"squared": True, "width": 40, "height": 40}
        if product.picture:
            picture["path"] = asset_url(product.picture)
        return [product.title, product.handle, product.title[:2], picture if product.picture else None]

    @display(description=gettext_lazy("Price"), ordering="window__price_min")
    def prices(self, product: Any) -> str:
        if product.price_min is None:
            return "–"
        low, high = (show_amount(each, product.currency) for each in (product.price_min, product.price_max))
        return low if low == high else f"{low} – {high}"

    @display(
        description=gettext_lazy("Stock"),
        label={"in": "success", "out": "danger"},
        ordering="window__quantity",
    )
    def stock(self, product: Any) -> tuple[str, str]:
        if not product.in_stock:
            return "out", _("sold out")
        return "in", str(product.quantity) if product.quantity else _("not counted")

    @display(description=gettext_lazy("Rating"))
    def rating(self, product: Product) -> str:
        if not product.reviews_count:
            return "–"
        return f"{product.rating_sum / product.reviews_count:.1f} ({product.reviews_count})"

    @badge(description=gettext_lazy("State"), colours=STATE_COLOURS, ordering="state")
    def shown_state(self, product: Product) -> tuple[str, str]:
        return product.state, product.get_state_display()


def _read(given: dict[str, Any], formsets: Sequence[Any]) -> ProductInput:
    """All that the form and the rows under it say."""
    category = given.get("category")
    variants = find_formset(formsets, Variant)
    attributes = find_formset(formsets, ProductAttribute)
    links = find_formset(formsets, ProductModifierGroup)
    return ProductInput(
        handle=given.get("handle") or "",
        slug=given.get("slug") or None,
        titles=read_texts(given, "title"),
        descriptions=read_texts(given, "description"),
        kind=given["kind"],
        vendor=given["vendor"],
        state=given["state"],
        publish_at=given.get("publish_at"),
        unpublish_at=given.get("unpublish_at"),
        category_id=category.pk if category else None,
        clears=frozenset(
            name
            for name, value in (
                ("publish_at", given.get("publish_at")),
                ("unpublish_at", given.get("unpublish_at")),
                ("category_id", category),
            )
            if value is None
        ),
        tags=tuple(tag.slug for tag in given["tags"]),
        attributes=None if attributes is None else read_values(attributes),
        variants=None if variants is None else tuple(read_variant(form) for form in kept_rows(variants)),
        modifier_group_ids=None if links is None else _group_ids(links),
    )


def _group_ids(links: Any) -> tuple[int, ...]:
    rows = [form.cleaned_data for form in kept_rows(links)]
    return tuple(row["group"].pk for row in sorted(rows, key=lambda row: row.get("position") or 0))
