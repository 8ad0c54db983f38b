"""Accounts with providers: the platform's for operators, each merchant's own for its owner. Secrets go in and never come out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.decorators import action, display

from karvon.accounts.admin_base import ScopedFilter, badge, get_user
from karvon.accounts.admin_pages import Task, choice_field, get_row, password_field, show_task, text_field
from karvon.merchants.admin_base import MerchantRoomAdmin
from karvon.merchants.policies import Action
from karvon.payments.accounts import account_of_row
from karvon.payments.admin.shared import ProviderFilter, ShownProvider
from karvon.payments.errors import ProviderUnavailable, ProviderUnknown
from karvon.payments.models import ProviderAccount
from karvon.payments.protocol import Provider
from karvon.payments.registry import find_provider, list_providers
from karvon.payments.services import check_account, save_account

DOTS = "••••••••"
CHECKS = {"": "success", "untested": "warning", "wrong": "danger", "none": "info"}
CHECK_ERRORS = {
    "provider_refused": gettext_lazy("The provider refused these values."),
    "provider_unavailable": gettext_lazy("The provider does not answer right now."),
}


def providers_with_accounts() -> list[Provider]:
    return [way for way in list_providers() if way.fields]


class ProviderForm(forms.Form):
    provider = choice_field(gettext_lazy("Provider"), ())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["provider"].choices = [  # type: ignore[attr-defined]
            (way.slug, way.name) for way in providers_with_accounts()
        ]


class AccountForm(forms.ModelForm[ProviderAccount]):
    class Meta:
        model = ProviderAccount
        fields = ["merchant", "is_active"]


@admin.register(ProviderAccount)
class ProviderAccountAdmin(ShownProvider, MerchantRoomAdmin[ProviderAccount]):
    offers = frozenset({"view", "add", "change"})
    duty = Action.MANAGE_MERCHANT
    view_duty = Action.MANAGE_MERCHANT
    form = AccountForm
    list_display = ["shown_provider", "shown_whose", "is_active", "shown_check", "checked_at"]
    list_filter = [ProviderFilter, ("merchant", ScopedFilter), ("is_active", BooleanRadioFilter)]
    list_select_related = ["merchant"]
    search_fields = ["merchant__name", "merchant__username"]
    search_help_text = gettext_lazy("name of the merchant")
    empty_text = gettext_lazy(
        "Without an account of its own a merchant is paid through the platform’s, which may come from the environment."
    )
    ordering = ["provider", "merchant_id"]
    actions_detail = ["test"]

    # -- the form: the fields of the chosen provider

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self._chosen(request) is not None:
            return super().add_view(request, form_url, extra_context)
        if not self.has_add_permission(request):
            raise PermissionDenied

        def run(given: dict[str, Any]) -> HttpResponse:
            return HttpResponseRedirect(f"{self.url_of('add')}?provider={given['provider']}")

        task = Task(title=_("Add an account with"), submit=_("Next"), run=run, form=ProviderForm)
        return show_task(self, request, task, row=None)

    def _chosen(self, request: HttpRequest) -> Provider | None:
        slug = request.GET.get("provider", "")
        return next((way for way in providers_with_accounts() if way.slug == slug), None)

    def _way(self, request: HttpRequest, obj: ProviderAccount | None) -> Provider | None:
        return self._chosen(request) if obj is None else way_of(obj)

    def get_fields(self, request: HttpRequest, obj: ProviderAccount | None = None) -> Any:
        way = self._way(request, obj)
        names = [field.name for field in way.fields] if way else []
        if obj is None:
            return ["merchant", *names, "is_active"]
        if not self.has_change_permission(request, obj):
            names = []
        shown = ["shown_provider", "merchant", *names, "is_active", "shown_addresses"]
        return [*shown, "shown_check", "checked_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: ProviderAccount | None = None) -> Any:
        shown = ("shown_provider", "merchant", "shown_addresses", "shown_check", "checked_at")
        return shown if obj is not None else ()

    def get_form(
        self, request: HttpRequest, obj: ProviderAccount | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        way = self._way(request, obj)
        if way is not None:
            kwargs["form"] = form_of(way, obj)
        form_class = super().get_form(request, obj, change=change, **kwargs)
        if "merchant" in form_class.base_fields:
            field = form_class.base_fields["merchant"]
            field.required = not get_user(request).is_operator
            field.help_text = (
                ""
                if field.required
                else _("Empty: the platform’s own, instead of what the environment says.")
            )
        return form_class

    def write(
        self, request: HttpRequest, row: ProviderAccount, form: Any, formsets: Sequence[Any], *, change: bool
    ) -> ProviderAccount:
        way = self._way(request, row if change else None)
        if way is None:
            raise ProviderUnknown
        row.provider = way.slug  # what the page then says was saved
        given = form.cleaned_data
        merchant = row.merchant if change else given.get("merchant")
        return save_account(
            provider=way.slug,
            merchant_id=merchant.pk if merchant else None,
            values={field.name: given.get(field.name, "") for field in way.fields},
            is_active=given["is_active"],
            actor=get_user(request),
        )

    # -- columns

    @display(description=gettext_lazy("Whose"), ordering="merchant__name")
    def shown_whose(self, row: ProviderAccount) -> str:
        return str(row.merchant or _("platform"))

    @badge(description=gettext_lazy("Connection"), colours=CHECKS)
    def shown_check(self, row: ProviderAccount) -> tuple[str, str]:
        way = way_of(row)
        if way is None or type(way).check is Provider.check:
            return "none", "–"  # there is nobody to ask
        if row.checked_at is None:
            return "untested", _("Not tested yet")
        if not row.check_error:
            return "", _("Works")
        return "wrong", str(CHECK_ERRORS.get(row.check_error, row.check_error))

    @display(description=gettext_lazy("Addresses for the provider’s cabinet"))
    def shown_addresses(self, row: ProviderAccount) -> SafeString | str:
        lines = [(address,) for address in list_addresses(row)]
        return format_html_join("", '<code class="kv-copy" dir="ltr">{}</code>', lines) if lines else "–"

    # -- testing

    def has_test_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        row = self.get_object(request, str(object_id)) if object_id else None
        way = self._way(request, row) if row is not None else None
        can_ask = way is not None and type(way).check is not Provider.check
        return can_ask and self._may(request, "change", row)

    @action(
        description=gettext_lazy("Test connection"),
        url_path="test",
        permissions=["test"],
        icon="network_check",
    )
    def test(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = get_row(self, request, object_id)

        def run(_given: dict[str, Any]) -> str:
            tested = check_account(account_id=row.pk, actor=get_user(request))
            return _("Connection: %(result)s") % {"result": self.shown_check(tested)[1]}

        task = Task(
            title=_("Test connection"),
            submit=_("Test connection"),
            run=run,
            explanation=_("The provider is asked something harmless with the values that are saved."),
        )
        return show_task(self, request, task, row=row)


def way_of(row: ProviderAccount) -> Provider | None:
    """None for a provider that is not there any more."""
    try:
        return find_provider(row.provider)
    except ProviderUnknown:
        return None


def form_of(way: Provider, row: ProviderAccount | None) -> type[AccountForm]:
    """The form with a provider's fields: what is no secret is shown, a secret is only ever typed."""
    known: dict[str, str] = {}
    if row is not None:
        try:
            known = dict(account_of_row(row).values)
        except ProviderUnavailable:
            known = {}
    made: dict[str, Any] = {}
    for field in way.fields:
        is_known, hint = bool(known.get(field.name)), str(field.help)
        if field.is_secret:
            keep = _("Leave it empty to keep what is saved.") if is_known else ""
            made[field.name] = password_field(
                field.label, required=False, max_length=255, help_text=" · ".join(filter(None, (hint, keep)))
            )
            made[field.name].widget.attrs["placeholder"] = DOTS if is_known else ""
        else:
            initial = known.get(field.name, "")
            made[field.name] = text_field(
                field.label, required=False, max_length=255, help_text=hint, initial=initial
            )
            made[field.name].widget.attrs["dir"] = "auto"
    return type("ProviderAccountForm", (AccountForm,), made)


def list_addresses(row: ProviderAccount) -> list[str]:
    """Where the provider calls this account: to be entered in its cabinet."""
    way = way_of(row)
    if way is None:
        return []
    base = f"{settings.KARVON_PUBLIC_URL}{reverse('index')}payments/callbacks/"
    if row.merchant_id is not None:
        base += f"of/{row.key}/"
    return [f"{base}{row.provider}/{action + '/' if action else ''}" for action in way.callback_actions]
