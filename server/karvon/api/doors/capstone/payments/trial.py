"""A page for developers that walks through a payment, step by step, with this door's own requests."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

SIGNED = ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature")


@csrf_exempt  # Razorpay's page posts here; what it brings is only shown
@require_http_methods(["GET", "HEAD", "POST"])
def payment_test(request: HttpRequest) -> HttpResponse:
    """The page, while KARVON_DEBUG is on; otherwise there is none. Its script holds no key and no token of the server's.

    Posted to by Checkout's page, it hands the signed ids to the tab that walks through the payment.
    """
    if not settings.DEBUG:
        raise Http404
    if request.method == "POST":
        signed = {name: request.POST.get(name, "")[:256] for name in SIGNED}
        response = render(request, "storefront/payment_test_return.html", {"signed": signed})
    else:
        # a simulator's hosted page opens by a link; Razorpay's own is opened by its script
        home = settings.KARVON_PROVIDERS.get("razorpay", {}).get("BASE_URL", "")
        response = render(request, "storefront/payment_test.html", {"checkout": home})
    response.headers["Cache-Control"] = "no-store"
    return response
