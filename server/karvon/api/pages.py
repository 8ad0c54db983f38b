"""Lists in the one shape of the contracts: `{"count", "next", "previous", "results"}`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.kernel.pagination import PageNumber


class PagedView(APIView):
    """A view whose GET answers one page of rows."""

    pagination_class: ClassVar[type[PageNumber]] = PageNumber

    def answer_page(self, rows: Any, shape: Callable[[Sequence[Any]], list[Any]]) -> Response:
        """The page that is asked for. `rows` is an ordered queryset or a list; `shape` makes JSON of a page of them.

        Raises ValidationFailed for a page number that is none, NotFound past the end.
        """
        paginator = self.pagination_class()
        page = paginator.paginate_queryset(rows, self.request, view=self)
        return paginator.get_paginated_response(shape(page or []))
