"""Pages by number, as the contracts have them. The one list that is deep, the products', has cursors of its own."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request

from karvon.kernel.errors import ValidationFailed


class PageNumber(PageNumberPagination):
    """`{"count", "next", "previous", "results"}`; a page past the end is 404, a bad number 400."""

    page_size = 20
    max_page_size = 100
    page_size_query_param = "page_size"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        for name in ("page", "page_size"):
            value = request.query_params.get(name)
            if value is not None and not (
                value.isascii() and value.isdigit() and 0 < int(value[:10]) <= 10**9
            ):
                raise ValidationFailed(details={name: [_("A whole number from 1 is needed.")]})
        return super().paginate_queryset(queryset, request, view=view)
