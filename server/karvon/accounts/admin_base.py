"""What all pages of the back office have in common: scoped rows, rights by role, writes through services."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import AnonymousUser
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateTimeFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from karvon.accounts.roles import may
from karvon.kernel.db import run_transaction
from karvon.kernel.errors import DomainError
from karvon.kernel.fields import AmountField
from karvon.kernel.formats import plain_number
from karvon.kernel.languages import LANGUAGES

if TYPE_CHECKING:
    from karvon.accounts.models import User

M = TypeVar("M", bound=Model)
ALL_VERBS = frozenset({"view", "add", "change", "delete"})
LANGUAGE_NAMES = {"uz": "O‘zbekcha", "ru": "Русский", "en": "English", "ar": "العربية"}


def get_user(request: HttpRequest) -> User:
    """Who is logged in; the admin site lets nobody else in."""
    if isinstance(request.user, AnonymousUser):
        raise TypeError("the admin site is for people who are logged in")
    return request.user


def language_fieldsets(*names: str) -> list[tuple[str, dict[str, Any]]]:
    """A tab per language with the columns of these translated fields."""
    return [
        (
            LANGUAGE_NAMES[language],
            {"fields": [f"{name}_{language}" for name in names], "classes": ["tab"]},
        )
        for language in LANGUAGES
    ]


class Badge(tuple[str, str]):
    """A state and its words: coloured on the page of a row as it is in lists, where Unfold draws it."""

    colour: str

    def __html__(self) -> str:
        return render_to_string("unfold/helpers/label.html", {"type": self.colour, "text": self[1]})


def badge(
    *, description: Any, colours: Mapping[Any, str], ordering: str | None = None
) -> Callable[[Callable[[Any, Any], tuple[str, str]]], Any]:
    """Unfold's display of a state, for methods that return it and its words."""

    def decorate(method: Callable[[Any, Any], tuple[str, str]]) -> Any:
        @display(description=description, label=dict(colours), ordering=ordering)
        @wraps(method)
        def shown(page: Any, row: Any) -> Badge:
            found = Badge(method(page, row))
            found.colour = colours.get(found[0], "")
            return found

        return shown

    return decorate


class AmountInput(UnfoldAdminDecimalFieldWidget):
    """Amounts are stored with three places; no more than needed are shown."""

    def format_value(self, value: Any) -> str | None:
        return plain_number(value) if isinstance(value, Decimal) else super().format_value(value)


class ScopedChoices(BaseModelAdmin):
    """Related rows are offered and accepted only from what the related page would list."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, AmountField):
            kwargs.setdefault("widget", AmountInput)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", self._choices(db_field, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", self._choices(db_field, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _choices(self, db_field: Field[Any, Any], request: HttpRequest) -> QuerySet[Any]:
        related = db_field.remote_field.model  # type: ignore[union-attr]
        page = self.admin_site._registry.get(related)
        # a model without a page of its own has nothing that may be picked from freely
        return page.get_queryset(request) if page is not None else related._default_manager.none()


class RolePermissions(BaseModelAdmin):
    """Rights by role, model and row; `offers` is what the page can do at all."""

    offers: ClassVar[frozenset[str]] = ALL_VERBS

    def allows_row(self, request: HttpRequest, verb: str, row: Model | None) -> bool:
        """Whether this person may do it to this row; None asks whether to any row at all."""
        return True

    def _may(self, request: HttpRequest, verb: str, row: Any = None) -> bool:
        # actions of the page hand over the key of a row
        if row is not None and not isinstance(row, Model):
            row = self.get_object(request, unquote(str(row)))  # type: ignore[attr-defined]
            if row is None:
                return False
        if verb not in self.offers or not may(request.user, self.opts.label_lower, verb):
            return False
        return self.allows_row(request, verb, row)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view", obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "delete", obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "view")


class RoomInline(RolePermissions, ScopedChoices, TabularInline):
    """Rows under a row. What they allow, the row above allows too."""

    extra = 0
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return "add" in self.offers and may(request.user, self.opts.label_lower, "add")


class ReadOnlyInline(RoomInline):
    offers = frozenset({"view"})
    can_delete = False
    # the columns say it all; with a link to the row's own page its name is where the link stands
    hide_title = True


class RoomAdmin(RolePermissions, ScopedChoices, ModelAdmin, Generic[M]):
    """A page over one model of a room.

    `visible` says which rows a person sees. Nothing is saved by Django's forms: `write` calls the room's
    service with what the form holds, and a refusal of the service comes back as an error of the form.
    """

    list_per_page = 30
    list_max_show_all = 200
    show_full_result_count = False
    warn_unsaved_form = True
    list_filter_submit = True
    list_filter_sheet = True
    # what an empty list says when nothing was searched or filtered for: where its rows come from
    empty_text: Any = ""
    delete_confirmation_template = "backoffice/delete.html"
    delete_selected_confirmation_template = "backoffice/delete_selected.html"
    # the forms' names of what services call otherwise
    field_names: ClassVar[dict[str, str]] = {}

    # -- rows

    def visible(self, rows: QuerySet[M], user: User) -> QuerySet[M]:
        """The rows a person may see: operators all, others none unless a page says so."""
        return rows if user.is_operator else rows.none()

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        return self.visible(super().get_queryset(request), get_user(request))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Addresses filter by the page's own filters and the key, never by other columns."""
        filters = [] if request is None else self.get_list_filter(request)
        allowed = {"id", "pk", self.opts.pk.name, self.date_hierarchy}
        for item in filters:
            name = item[0] if isinstance(item, list | tuple) else item
            allowed.add(getattr(name, "parameter_name", name))
            if name != item and issubclass(item[1], MomentFilter):
                allowed |= {f"{name}_{end}" for end in MomentFilter.ENDS}
        return any(name and (lookup == name or lookup.startswith(f"{name}__")) for name in allowed)

    # -- writing

    def write(
        self, request: HttpRequest, row: M, form: forms.ModelForm[M], formsets: Sequence[Any], *, change: bool
    ) -> M:
        """Save what the form (and the rows under it) hold, through the room's services."""
        raise NotImplementedError(type(self).__name__)

    def remove(self, request: HttpRequest, row: M) -> None:
        """Delete through the room's service."""
        raise NotImplementedError(type(self).__name__)

    def save_model(self, request: HttpRequest, obj: M, form: Any, change: bool) -> None:
        # everything is written at once in save_related, when the rows under it are known
        return

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        saved = self.write(request, form.instance, form, formsets, change=change)
        form.instance.pk = saved.pk
        form.instance._state = saved._state
        for formset in formsets:
            formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []

    def delete_model(self, request: HttpRequest, obj: M) -> None:
        self.remove(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[M]) -> None:
        for row in queryset:
            self.remove(request, row)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Services decide what goes with a row, so only the rows themselves are named."""
        rows = list(objs)
        names = {str(self.opts.verbose_name_plural): len(rows)}
        is_refused = not all(self.has_delete_permission(request, row) for row in rows)
        return [str(row) for row in rows], names, {str(self.opts.verbose_name)} if is_refused else set(), []

    # -- refusals

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        def show() -> Any:
            return super(RoomAdmin, self).changeform_view(request, object_id, form_url, extra_context)

        if request.method != "POST":
            return show()
        try:
            return run_transaction(show)
        except DomainError as refusal:
            # once more, with the refusal among the errors of the form and nothing saved
            request.refusal = refusal  # type: ignore[attr-defined]
            return show()

    def get_form(
        self, request: HttpRequest, obj: M | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form_class = super().get_form(request, obj, change=change, **kwargs)
        refusal: DomainError | None = getattr(request, "refusal", None)
        return form_class if refusal is None else _refused(form_class, refusal, self.field_names)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except DomainError as refusal:
            self.message_user(request, explain(refusal), messages.ERROR)
            return HttpResponseRedirect(self.url_of("change", object_id))

    def response_action(self, request: HttpRequest, queryset: QuerySet[M]) -> HttpResponse | None:
        try:
            return super().response_action(request, queryset)
        except DomainError as refusal:
            self.message_user(request, explain(refusal), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def for_each(
        self, request: HttpRequest, rows: QuerySet[M], verb: Callable[[M], Any], *, done: str
    ) -> None:
        """Runs a service on each chosen row; `done` tells how many, each refusal tells why."""
        count, refusals = 0, []
        for row in rows:
            try:
                verb(row)
            except DomainError as refusal:
                refusals.append(f"{row}: {explain(refusal)}")
            else:
                count += 1
        if count:
            self.message_user(request, done % {"count": count}, messages.SUCCESS)
        for refusal_text in refusals[:10]:
            self.message_user(request, refusal_text, messages.ERROR)

    # -- addresses

    def url_of(self, page: str, *args: Any) -> str:
        """The address of "changelist", "add", "change" or an action of this page."""
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{page}"
        return reverse(name, args=args)


def explain(refusal: DomainError) -> str:
    """A refusal in one line, with what its details add."""
    details = [str(text) for texts in refusal.details.values() for text in texts]
    extra = [text for text in details if text != refusal.text]
    return " ".join([refusal.text, *extra])


def _refused(form_class: type[Any], refusal: DomainError, names: dict[str, str]) -> type[Any]:
    """The same form that fails with the service's refusal, at the fields it names where the form has them."""

    class RefusedForm(form_class):  # type: ignore[misc]
        def _clean_form(self) -> None:
            super()._clean_form()
            unplaced = [] if refusal.details else [refusal.text]
            for name, texts in refusal.details.items():
                field = names.get(name, name)
                if field in self.fields:
                    self.add_error(field, [str(text) for text in texts])
                else:
                    unplaced += [str(text) for text in texts]
            for text in unplaced:
                self.add_error(None, text)

    return RefusedForm


class MomentFilter(RangeDateTimeFilter):
    """A range of moments on the shop's clock; a day without a time of day is the whole day."""

    ENDS = ("from_0", "from_1", "to_0", "to_1")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = self._read("from", "00:00:00"), self._read("to", "23:59:59")
        if first is not None:
            queryset = queryset.filter(**{f"{self.parameter_name}__gte": first})
        if last is not None:
            queryset = queryset.filter(**{f"{self.parameter_name}__lte": last})
        return queryset

    def _read(self, end: str, time: str) -> datetime | None:
        given = self.used_parameters.get
        day = given(f"{self.parameter_name}_{end}_0")
        if not day:
            return None
        try:
            # as the language of the page writes days
            return forms.DateTimeField().clean(f"{day} {given(f'{self.parameter_name}_{end}_1') or time}")
        except forms.ValidationError:
            return None


class ScopedFilter(AutocompleteSelectFilter):
    """A related row to filter by, found by typing; only rows that the related page would list."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        # found by typing, so nothing is listed beforehand
        return []

    def choices(self, changelist: Any) -> Any:
        page = self.model_admin.admin_site._registry[self.field.remote_field.model]
        for choice in super().choices(changelist):
            form = choice["form"]
            form.fields[self.lookup_kwarg].queryset = page.get_queryset(self.request)
            yield choice
