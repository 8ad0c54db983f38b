"""Attribute values as rows under a product or a variant."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from karvon.accounts.admin_base import RoomInline


class ValueInline(RoomInline):
    verbose_name = gettext_lazy("attribute")
    verbose_name_plural = gettext_lazy("attributes")
    fields = ["attribute", "choice", "number", "text", "boolean"]
    autocomplete_fields = ["attribute", "choice"]
    tab = True
