"""The page behind the link of an invitation."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from karvon.accounts.pages import render_page
from karvon.merchants.models import StaffRole


@require_safe
def invitation(request: HttpRequest) -> HttpResponse:
    """Shows what is offered and takes it, through the API; the server learns the link's key when its script asks there."""
    return render_page(request, "merchants/invitation.html", {"roles": StaffRole.choices})
