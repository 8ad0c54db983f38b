"""Pages for one thing to do: a short form, a service, and back.

What changes something is never behind a plain link: the link opens the page, and the page posts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from karvon.accounts.admin_base import explain
from karvon.kernel.errors import DomainError

if TYPE_CHECKING:
    from karvon.accounts.admin_base import RoomAdmin

TEMPLATE = "backoffice/action.html"


class ConfirmForm(forms.Form):
    """Nothing to fill in."""


class ReasonForm(forms.Form):
    """Why, for whoever looks later."""

    reason = forms.CharField(
        label=_("Reason"), max_length=255, required=False, widget=UnfoldAdminTextInputWidget
    )


def text_field(label: Any, **options: Any) -> forms.CharField:
    return forms.CharField(label=capfirst(label), widget=UnfoldAdminTextInputWidget, **options)


def long_text_field(label: Any, **options: Any) -> forms.CharField:
    return forms.CharField(label=capfirst(label), widget=UnfoldAdminTextareaWidget, **options)


def number_field(label: Any, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=capfirst(label), widget=UnfoldAdminIntegerFieldWidget, **options)


def password_field(label: Any, **options: Any) -> forms.CharField:
    widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=capfirst(label), widget=widget, strip=False, **options)


def choice_field(label: Any, choices: Any, **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=capfirst(label), choices=choices, widget=UnfoldAdminSelectWidget, **options
    )


def row_field(label: Any, queryset: Any, **options: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        label=capfirst(label), queryset=queryset, widget=UnfoldAdminSelectWidget, **options
    )


@dataclass(frozen=True)
class Task:
    """`run` gets what the form holds and returns the sentence that is shown afterwards."""

    title: Any
    submit: Any
    run: Callable[[dict[str, Any]], Any]
    form: type[forms.Form] = ConfirmForm
    form_options: dict[str, Any] = field(default_factory=dict)
    explanation: Any = ""
    is_dangerous: bool = False
    # the form's names of what the service calls otherwise
    field_names: dict[str, str] = field(default_factory=dict)


def get_row(page: RoomAdmin[Any], request: HttpRequest, object_id: str, *, verb: str = "change") -> Any:
    """The row of an action's address. Raises Http404 for rows that the person does not see,
    PermissionDenied.
    """
    row = page.get_object(request, unquote(str(object_id)))
    if row is None:
        raise Http404
    allowed = {"change": page.has_change_permission, "view": page.has_view_permission}[verb]
    if not allowed(request, row):
        raise PermissionDenied
    return row


def show_task(page: RoomAdmin[Any], request: HttpRequest, task: Task, *, row: Model | None) -> HttpResponse:
    """Shows the form, or runs the task with it and goes back to the row (or the list)."""
    back = page.url_of("changelist") if row is None else page.url_of("change", row.pk)
    is_sent = request.method == "POST"
    form = task.form(
        data=request.POST if is_sent else None, files=request.FILES if is_sent else None, **task.form_options
    )
    if is_sent and form.is_valid():
        try:
            sentence = task.run(form.cleaned_data)
        except DomainError as refusal:
            _add_refusal(form, refusal, task.field_names)
        else:
            if isinstance(sentence, HttpResponse):
                return sentence
            page.message_user(request, str(sentence), messages.SUCCESS)
            return HttpResponseRedirect(back)
    return TemplateResponse(request, TEMPLATE, _context(page, request, task, form, row, back))


def _context(
    page: RoomAdmin[Any], request: HttpRequest, task: Task, form: forms.Form, row: Model | None, back: str
) -> dict[str, Any]:
    return {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": task.title,
        "subtitle": str(row) if row is not None else None,
        "task": task,
        "form": form,
        "media": page.media + form.media,
        "back": back,
        "original": row,
    }


def _add_refusal(form: forms.Form, refusal: DomainError, names: dict[str, str]) -> None:
    placed = False
    for name, texts in refusal.details.items():
        target = names.get(name, name)
        if target in form.fields:
            form.add_error(target, [str(text) for text in texts])
            placed = True
    if not placed:
        form.add_error(None, explain(refusal))
