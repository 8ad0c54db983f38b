from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.views import ChangeList

from karvon.accounts.admin_base import RoomAdmin, get_user, language_fieldsets
from karvon.accounts.models import User
from karvon.catalog.admin.reading import read_texts
from karvon.catalog.models import Category
from karvon.catalog.services import create_category, delete_category, update_category


class TreeChangeList(ChangeList):
    """Children under their parents, whatever columns are shown."""

    def get_queryset(self, request: HttpRequest, **kwargs: Any) -> QuerySet[Category]:
        rows: QuerySet[Category] = super().get_queryset(request, **kwargs)
        return rows.order_by().extra(order_by=["__tree.tree_ordering"])


@admin.register(Category)
class CategoryAdmin(RoomAdmin[Category]):
    list_display = ["shown_name", "slug", "products_count", "is_active"]
    list_filter = ["is_active"]
    list_per_page = 200
    search_fields = ["name_uz", "name_ru", "name_en", "name_ar", "slug"]
    sortable_by = ()
    autocomplete_fields = ["parent", "image"]
    readonly_fields = ["is_active"]
    fieldsets = [
        (None, {"fields": ["parent", "slug", "image", "position", "is_active"]}),
        *language_fieldsets("name", "description"),
    ]

    def visible(self, rows: QuerySet[Category], user: User) -> QuerySet[Category]:
        # one tree for all merchants: everybody who sells looks at it, operators change it
        return rows

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        live = Count("products", filter=Q(products__deleted_at__isnull=True))
        return super().get_queryset(request).with_tree_fields().annotate(live_products=live)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return TreeChangeList

    def get_form(
        self, request: HttpRequest, obj: Category | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form_class = super().get_form(request, obj, change=change, **kwargs)
        if "slug" in form_class.base_fields:
            form_class.base_fields["slug"].required = False
        return form_class

    def write(
        self, request: HttpRequest, row: Category, form: Any, formsets: Sequence[Any], *, change: bool
    ) -> Category:
        given = form.cleaned_data
        names, descriptions = read_texts(given, "name"), read_texts(given, "description")
        parent_id = given["parent"].pk if given["parent"] else None
        image_id = given["image"].pk if given["image"] else None
        shared: dict[str, Any] = {
            "actor": get_user(request),
            "names": names,
            "descriptions": descriptions,
            "slug": given["slug"] or "",
            "parent_id": parent_id,
            "image_id": image_id,
            "position": given["position"],
        }
        if change:
            return update_category(category_id=row.pk, **shared)
        return create_category(**shared)

    def remove(self, request: HttpRequest, row: Category) -> None:
        delete_category(category_id=row.pk, actor=get_user(request))

    @display(description=gettext_lazy("Category"))
    def shown_name(self, category: Any) -> SafeString:
        depth = "– " * category.tree_depth
        return format_html('<span class="kv-depth">{}</span>{}', depth, category.name)

    @display(description=gettext_lazy("Products"))
    def products_count(self, category: Any) -> int:
        return int(category.live_products)
