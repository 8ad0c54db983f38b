"""The page behind "no more of these" in a mail."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from karvon.accounts.pages import render_page
from karvon.kernel.errors import NotFound
from karvon.notifications.refusals import accept, has_refused, read_refusal_link, refuse
from karvon.notifications.rendering import speak


@csrf_exempt  # the link is the proof, and mail programs send it without any cookie (RFC 8058)
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing, since mail scanners look at every link: a button does."""
    try:
        user, kind = read_refusal_link(token)
    except NotFound:
        raise Http404 from None
    if request.method == "POST":
        (accept if "again" in request.POST else refuse)(user, kind)
    with translation.override(speak(user.language)):
        context = {"kind": kind.label, "is_refused": has_refused(user, kind)}
        return render_page(request, "notifications/unsubscribe.html", context)
