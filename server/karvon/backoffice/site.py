"""The admin site: our front page, and passwords changed through the same services as everywhere."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern, URLResolver
from unfold.forms import AdminOwnPasswordChangeForm
from unfold.sites import UnfoldAdminSite

from karvon.accounts.models import User
from karvon.accounts.services import confirm_password
from karvon.accounts.services.operating import replace_password
from karvon.kernel.errors import DomainError


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    """Guesses at the old password count, and a new one ends every login, as in the API."""

    user: User

    def clean_old_password(self) -> str:
        password: str = self.cleaned_data["old_password"]
        try:
            confirm_password(user=self.user, password=password)
        except DomainError as refusal:
            raise forms.ValidationError(refusal.text) from None
        return password

    def save(self, commit: bool = True) -> User:
        replace_password(actor=self.user, user_id=self.user.pk, password=self.cleaned_data["new_password1"])
        # the session stays only when it is signed for the person as they are now
        self.user.refresh_from_db()
        return self.user


class BackofficeSite(UnfoldAdminSite):
    index_template = "backoffice/index.html"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from karvon.backoffice import reports

        own = [
            path("reports/sales/", self.admin_view(reports.newest_report), name="sales_report_newest"),
            path("reports/sales/<str:day>/", self.admin_view(reports.day_report), name="sales_report"),
        ]
        return [*own, *super().get_urls()]

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        request.current_app = self.name  # type: ignore[attr-defined]
        view = PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            success_url=reverse("admin:password_change_done", current_app=self.name),
            template_name="registration/password_change_form.html",
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return view(request)
