"""What providers said, word for word, and what they were answered."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from karvon.accounts.admin_base import MomentFilter, RoomAdmin, badge
from karvon.payments.admin.shared import OUTCOME_COLOURS, FoundByName, ProviderFilter, ShownProvider
from karvon.payments.models import ProviderEvent

HEAVY = ("headers", "body", "answer")
SHOWN_CHARACTERS = 100_000


@admin.register(ProviderEvent)
class ProviderEventAdmin(ShownProvider, FoundByName, RoomAdmin[ProviderEvent]):
    offers = frozenset({"view"})
    list_display = [
        "received_at",
        "shown_provider",
        "kind",
        "shown_outcome",
        "payment",
        "event_id",
    ]
    list_filter = [
        ProviderFilter,
        ("outcome", ChoicesDropdownFilter),
        ("received_at", MomentFilter),
    ]
    list_select_related = ["payment"]
    search_fields = [
        "event_id", "request_id", "payment__order__number", "payment__reference", "payment__charge_reference",
        "payment__attempts__reference",
    ]  # fmt: skip
    search_help_text = gettext_lazy(
        "number of the order, reference at the provider, id of the event or of the request"
    )
    empty_text = gettext_lazy("What providers tell of payments is kept here as it came.")
    ordering = ["-received_at", "-id"]
    fields = [
        "shown_provider", "account", "kind", "event_id", "shown_outcome", "note", "is_verified", "payment", "received_at",
        "applied_at", "address", "request_id", "shown_headers", "shown_body", "answer_status", "shown_answer",
    ]  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderEvent]:
        return super().get_queryset(request).defer(*HEAVY)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> ProviderEvent | None:
        event = super().get_object(request, object_id, from_field)
        if event is not None:
            event.refresh_from_db(fields=HEAVY)
        return event  # type: ignore[no-any-return]

    @badge(description=gettext_lazy("Outcome"), colours=OUTCOME_COLOURS, ordering="outcome")
    def shown_outcome(self, event: ProviderEvent) -> tuple[str, str]:
        return event.outcome, event.get_outcome_display()

    @display(description=gettext_lazy("Headers"))
    def shown_headers(self, event: ProviderEvent) -> SafeString | str:
        return raw("\n".join(f"{name}: {text}" for name, text in sorted(event.headers.items())))

    @display(description=gettext_lazy("Body"))
    def shown_body(self, event: ProviderEvent) -> SafeString | str:
        return raw(read_body(bytes(event.body), str(event.headers.get("content-type", ""))))

    @display(description=gettext_lazy("Answer"))
    def shown_answer(self, event: ProviderEvent) -> SafeString | str:
        return raw(read_body(bytes(event.answer), ""))


def read_body(body: bytes, content_type: str) -> str:
    """Bytes as text for a person: JSON indented, forms a line for each field, anything else as it is."""
    text = body.decode(errors="backslashreplace")
    if content_type.startswith("application/x-www-form-urlencoded"):
        return "\n".join(f"{name} = {value}" for name, value in parse_qsl(text, keep_blank_values=True))
    try:
        # numbers as they were written: an amount is what somebody looks for
        thing = json.loads(text, parse_float=_Written, parse_int=_Written, parse_constant=_Written)
    except (ValueError, RecursionError):
        return text
    try:
        return _indented(thing)
    except RecursionError:
        return text


class _Written(str):
    """A number in the words of who sent it."""

    __slots__ = ()


def _indented(thing: Any, depth: int = 0) -> str:
    pad, inner = "  " * depth, "  " * (depth + 1)
    if isinstance(thing, _Written):
        return str(thing)
    if isinstance(thing, dict) and thing:
        lines = [f"{inner}{_quoted(name)}: {_indented(each, depth + 1)}" for name, each in thing.items()]
        return "{\n" + ",\n".join(lines) + f"\n{pad}}}"
    if isinstance(thing, list) and thing:
        return "[\n" + ",\n".join(inner + _indented(each, depth + 1) for each in thing) + f"\n{pad}]"
    return _quoted(thing)


def _quoted(thing: Any) -> str:
    return json.dumps(thing, ensure_ascii=False)


def raw(text: str) -> SafeString | str:
    """As it stands, escaped; signs that turn or hide text are spelled out."""
    if not text:
        return "–"
    plain = "".join(
        sign if sign.isprintable() or sign in "\n\t" else sign.encode("unicode_escape").decode()
        for sign in text[:SHOWN_CHARACTERS]
    )
    more = " …" if len(text) > SHOWN_CHARACTERS else ""
    return format_html('<pre class="kv-raw" dir="ltr" tabindex="0">{}{}</pre>', plain, more)
