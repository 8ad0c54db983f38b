from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget

from karvon.accounts.admin_base import RoomAdmin, get_user
from karvon.accounts.models import User
from karvon.media.models import Asset
from karvon.media.selectors import PLATFORM, merchant_ref
from karvon.media.services import delete_asset, set_alt, store_image
from karvon.media.urls import asset_url
from karvon.merchants.admin_base import merchants_allowing
from karvon.merchants.models import Merchant
from karvon.merchants.policies import Action


class PictureAddForm(forms.ModelForm[Asset]):
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Merchant"), queryset=Merchant.objects.none(), required=False
    )
    picture = forms.FileField(
        label=gettext_lazy("Picture"),
        help_text=gettext_lazy("JPEG, PNG, WebP, AVIF or GIF"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": "image/*"}),
    )

    class Meta:
        model = Asset
        fields = ["alt"]


@admin.register(Asset)
class AssetAdmin(RoomAdmin[Asset]):
    """The library of pictures: a merchant's people see their merchant's."""

    list_display = ["preview", "shown_name", "size", "state", "created_at"]
    list_display_links = ["preview", "shown_name"]
    list_filter = [("state", ChoicesDropdownFilter)]
    search_fields = ["alt"]
    ordering = ["-id"]
    readonly_fields = ["preview_large", "size", "content_type", "state", "error", "created_at"]
    field_names = {"file": "picture"}

    def get_fields(self, request: HttpRequest, obj: Asset | None = None) -> Any:
        return (
            ["owner", "picture", "alt"]
            if obj is None
            else ["preview_large", "alt", *self.readonly_fields[1:]]
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Asset | None = None) -> Any:
        return [] if obj is None else self.readonly_fields

    def get_form(
        self, request: HttpRequest, obj: Asset | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is not None:
            return super().get_form(request, obj, change=change, **kwargs)
        form_class = super().get_form(request, obj, change=change, **{**kwargs, "form": PictureAddForm})
        owner = form_class.base_fields["owner"]
        owner.queryset = self.admin_site._registry[Merchant].get_queryset(request)
        # only operators keep pictures that are no merchant's
        owner.required = not get_user(request).is_operator
        return form_class

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        own = sorted(merchants_allowing(get_user(request), Action.MANAGE_CATALOGUE))
        return {"owner": own[0]} if len(own) == 1 else {}

    def visible(self, rows: QuerySet[Asset], user: User) -> QuerySet[Asset]:
        refs = self._refs(user)
        return rows if refs is None else rows.filter(owner_ref__in=refs)

    def _refs(self, user: User) -> list[str] | None:
        if user.is_operator:
            return None
        return [merchant_ref(pk) for pk in merchants_allowing(user, Action.MANAGE_CATALOGUE)]

    def allows_row(self, request: HttpRequest, verb: str, row: Any) -> bool:
        refs = self._refs(get_user(request))
        return refs is None or (bool(refs) if row is None else row.owner_ref in refs)

    def write(
        self, request: HttpRequest, row: Asset, form: Any, formsets: Sequence[Any], *, change: bool
    ) -> Asset:
        user, given = get_user(request), form.cleaned_data
        if change:
            return set_alt(asset_id=row.pk, owner_refs=self._refs(user), alt=given["alt"])
        owner = given["owner"]
        return store_image(
            data=given["picture"],
            file_name=given["picture"].name,
            owner_ref=merchant_ref(owner.pk) if owner else PLATFORM,
            actor=user,
            alt=given["alt"],
        )

    def remove(self, request: HttpRequest, row: Asset) -> None:
        delete_asset(asset_id=row.pk, owner_refs=self._refs(get_user(request)))

    @display(description=gettext_lazy("Picture"))
    def preview(self, asset: Asset) -> SafeString:
        return format_html(
            '<img class="kv-thumb" src="{}" alt="{}" width="40" height="40" loading="lazy">',
            asset_url(asset.file),
            asset.alt,
        )

    @display(description=gettext_lazy("Picture"))
    def preview_large(self, asset: Asset) -> SafeString:
        return format_html(
            '<img class="kv-picture" src="{}" alt="{}" width="{}" height="{}">',
            asset_url(asset.file),
            asset.alt,
            asset.width,
            asset.height,
        )

    @display(description=gettext_lazy("Text"), ordering="alt")
    def shown_name(self, asset: Asset) -> str:
        return asset.alt or asset.file.rsplit("/", 1)[-1]

    @display(description=gettext_lazy("Size"))
    def size(self, asset: Asset) -> str:
        return f"{asset.width} × {asset.height}, {asset.size_bytes // 1024} KB"
