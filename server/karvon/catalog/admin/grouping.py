from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from karvon.accounts.admin_base import (
    MomentFilter,
    RoomAdmin,
    RoomInline,
    ScopedFilter,
    get_user,
    language_fieldsets,
)
from karvon.accounts.models import User
from karvon.catalog.admin.reading import find_formset, kept_rows, read_texts
from karvon.catalog.kinds import list_kinds
from karvon.catalog.models import Collection, CollectionKind, CollectionProduct, Like, Tag, TaggedItem
from karvon.catalog.services import create_collection, delete_collection, set_picks, update_collection
from karvon.catalog.services.tags import create_tag, delete_tag, update_tag
from karvon.merchants.admin_base import MerchantRoomAdmin
from karvon.merchants.models import Branch


@admin.register(Tag)
class TagAdmin(RoomAdmin[Tag]):
    list_display = ["name", "slug", "products_count"]
    search_fields = ["name_uz", "name_ru", "name_en", "name_ar", "slug"]
    ordering = ["slug"]
    fieldsets = [(None, {"fields": ["slug"]}), *language_fieldsets("name")]

    def visible(self, rows: QuerySet[Tag], user: User) -> QuerySet[Tag]:
        # shared by all merchants
        return rows

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        live = Count("products", filter=Q(products__deleted_at__isnull=True))
        return super().get_queryset(request).annotate(live_products=live)

    def get_readonly_fields(self, request: HttpRequest, obj: Tag | None = None) -> Any:
        return [] if obj is None else ["slug"]

    def get_form(
        self, request: HttpRequest, obj: Tag | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form_class = super().get_form(request, obj, change=change, **kwargs)
        if "slug" in form_class.base_fields:
            form_class.base_fields["slug"].required = False
        return form_class

    def write(
        self, request: HttpRequest, row: Tag, form: Any, formsets: Sequence[Any], *, change: bool
    ) -> Tag:
        actor, names = get_user(request), read_texts(form.cleaned_data, "name")
        if change:
            return update_tag(tag_id=row.pk, actor=actor, names=names)
        return create_tag(actor=actor, names=names, slug=form.cleaned_data["slug"] or "")

    def remove(self, request: HttpRequest, row: Tag) -> None:
        delete_tag(tag_id=row.pk, actor=get_user(request))

    @display(description=gettext_lazy("Products"))
    def products_count(self, tag: Any) -> int:
        return int(tag.live_products)


class KindFilter(DropdownFilter):
    """By what may be liked and tagged at all."""

    title = gettext_lazy("kind of object")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.name, _name_of(kind.model)) for kind in list_kinds()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = [kind.content_type for kind in list_kinds() if kind.name == self.value()]
        return queryset.filter(content_type__in=chosen) if chosen else queryset


class _Marks(RoomAdmin[Any]):
    """To look at; people like, and tag, where the objects are."""

    offers = frozenset({"view"})
    list_filter = [KindFilter, ("created_at", MomentFilter)]
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # the name of a branch has that of its merchant in it
        targets = GenericPrefetch("target", [Branch.objects.select_related("merchant")])
        return super().get_queryset(request).prefetch_related(targets)

    def visible(self, rows: QuerySet[Any], user: User) -> QuerySet[Any]:
        return rows if user.is_operator else rows.none()

    @display(description=gettext_lazy("Kind"), ordering="content_type")
    def shown_kind(self, row: Any) -> str:
        model = row.content_type.model_class()
        return str(row.content_type) if model is None else _name_of(model)

    @display(description=gettext_lazy("Object"))
    def shown_target(self, row: Any) -> str:
        return str(row.target or row.object_id)


def _name_of(model: Any) -> str:
    return str(capfirst(model._meta.verbose_name))


@admin.register(TaggedItem)
class TaggedItemAdmin(_Marks):
    list_display = ["tag", "shown_kind", "shown_target", "created_at"]
    list_select_related = ["tag", "content_type"]
    search_fields = ["tag__slug", "tag__name_uz", "tag__name_ru", "tag__name_en", "tag__name_ar"]
    search_help_text = gettext_lazy("tag")
    empty_text = gettext_lazy("Shops, branches and collections with tags; products show theirs themselves.")
    fields = list_display


@admin.register(Like)
class LikeAdmin(_Marks):
    list_display = ["user", "shown_kind", "shown_target", "created_at"]
    list_select_related = ["user", "content_type"]
    search_fields = ["user__username", "user__email"]
    search_help_text = gettext_lazy("username or email")
    empty_text = gettext_lazy("What customers like is listed here.")
    fields = list_display


class PickInline(RoomInline):
    model = CollectionProduct
    verbose_name = gettext_lazy("product")
    verbose_name_plural = gettext_lazy("products")
    fields = ["product", "position"]
    autocomplete_fields = ["product"]
    ordering = ["position", "id"]
    ordering_field = "position"
    hide_ordering_field = True


@admin.register(Collection)
class CollectionAdmin(MerchantRoomAdmin[Collection]):
    list_display = ["title", "slug", "merchant", "kind", "is_active", "position"]
    list_select_related = ["merchant"]
    list_filter = [("kind", ChoicesDropdownFilter), "is_active", ("merchant", ScopedFilter)]
    search_fields = ["title_uz", "title_ru", "title_en", "title_ar", "slug"]
    ordering = ["position", "id"]
    autocomplete_fields = ["merchant"]
    inlines = [PickInline]
    fieldsets = [
        (None, {"fields": ["merchant", "kind", "rule", "slug", "is_active", "position"]}),
        *language_fieldsets("title", "description"),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Collection | None = None) -> Any:
        return [] if obj is None else ["merchant", "kind", "slug"]

    def get_inlines(self, request: HttpRequest, obj: Collection | None = None) -> Any:
        is_picked = obj is None or obj.kind == CollectionKind.MANUAL
        return self.inlines if is_picked else []

    def get_form(
        self, request: HttpRequest, obj: Collection | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form_class = super().get_form(request, obj, change=change, **kwargs)
        if "slug" in form_class.base_fields:
            form_class.base_fields["slug"].required = False
        if "merchant" in form_class.base_fields:
            # only operators make collections of the whole platform
            form_class.base_fields["merchant"].required = not get_user(request).is_operator
        return form_class

    def write(
        self, request: HttpRequest, row: Collection, form: Any, formsets: Sequence[Any], *, change: bool
    ) -> Collection:
        actor, given = get_user(request), form.cleaned_data
        texts: dict[str, Any] = {
            "titles": read_texts(given, "title"),
            "descriptions": read_texts(given, "description"),
            "position": given["position"],
        }
        if not change:
            merchant = given["merchant"]
            row = create_collection(
                actor=actor,
                merchant_id=merchant.pk if merchant else None,
                slug=given["slug"] or "",
                kind=given["kind"],
                rule=given["rule"] or {},
                **texts,
            )
        saved = update_collection(
            collection_id=row.pk,
            actor=actor,
            rule=(given["rule"] or {}) if row.kind == CollectionKind.RULE else None,
            is_active=given["is_active"],
            **texts,
        )
        picks = find_formset(formsets, CollectionProduct)
        if picks is not None and saved.kind == CollectionKind.MANUAL:
            set_picks(collection_id=saved.pk, actor=actor, product_ids=_read_picks(picks))
        return saved

    def remove(self, request: HttpRequest, row: Collection) -> None:
        delete_collection(collection_id=row.pk, actor=get_user(request))


def _read_picks(formset: Any) -> list[int]:
    rows = [form.cleaned_data for form in kept_rows(formset)]
    return [row["product"].pk for row in sorted(rows, key=lambda row: row.get("position") or 0)]
