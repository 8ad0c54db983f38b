"""Where customers come back to from a provider's page. What their address or form says is not read: truth is ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import redis
import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from karvon.accounts.pages import render_page
from karvon.kernel import clock
from karvon.kernel.errors import DependencyDown
from karvon.kernel.formats import format_amount
from karvon.kernel.languages import LANGUAGES
from karvon.kernel.redis import get_redis
from karvon.orders.errors import OrderNotFound
from karvon.orders.models import Order, PaymentState
from karvon.orders.states import CALLED_OFF
from karvon.payments import tasks
from karvon.payments.models import Payment, PaymentStatus
from karvon.payments.models.payment import OPEN, RECEIVED
from karvon.payments.registry import find_provider
from karvon.payments.selectors import get_order_to_return_to, list_payments_of

log = structlog.get_logger(__name__)

TEMPLATE = "payments/return.html"
PAUSE = 4  # seconds in which a provider is asked once at most, however many look
# how old the payment is → seconds until the page looks again
PATIENCE = ((timedelta(minutes=2), PAUSE), (timedelta(minutes=15), 15))
AT_LAST = 60


@dataclass(frozen=True, slots=True)
class Standing:
    """What is told: `kind` is checking, waiting, paid, failed, cancelled, expired, returned or none."""

    kind: str
    payment: Payment | None = None
    has_surplus: bool = False


@csrf_exempt  # providers post here from their own pages; nothing that is posted is read
@require_http_methods(["GET", "HEAD", "POST"])
def return_page(request: HttpRequest, token: str) -> HttpResponse:
    """How the payment of an order stands, for whoever holds the order's token; looks again by itself while that is open."""
    if request.method == "POST":
        # reloading must not post again, and what the provider has added to the address is left behind
        return _closed(HttpResponseRedirect(request.path, status=303))
    try:
        order = get_order_to_return_to(token)
    except OrderNotFound:
        response = render_page(request, TEMPLATE, {"kind": "unknown"})
        response.status_code = 404
        return _closed(response)
    standing = find_standing(order, list_payments_of(order.pk))
    if standing.kind == "checking" and request.method == "GET" and standing.payment is not None:
        _ask_soon(standing.payment)
    language = order.language if order.language in LANGUAGES else translation.get_language()
    with translation.override(language):
        return _closed(render_page(request, TEMPLATE, _context(request, order, standing, clock.now())))


def find_standing(order: Order, payments: list[Payment]) -> Standing:
    """What an order and its payments (oldest first) come to, for the one who has paid or tried to."""
    received = [each for each in payments if each.state in RECEIVED]
    if order.payment_state in (PaymentState.PAID, PaymentState.PARTIALLY_REFUNDED):
        needed = next((each for each in received if not each.surplus_amount), None)
        return Standing("paid", needed, has_surplus=any(each.surplus_amount for each in received))
    if received:
        return Standing("returned", received[-1])
    if order.payment_state == PaymentState.EXPIRED or order.state in CALLED_OFF:
        return Standing("expired")
    if not payments:
        return Standing("none")
    last = payments[-1]
    if last.state in OPEN:
        is_online = find_provider(last.provider).capabilities.is_online
        return Standing("checking" if is_online else "waiting", last)
    kinds = {PaymentStatus.FAILED: "failed", PaymentStatus.CANCELLED: "cancelled"}
    return Standing(kinds.get(PaymentStatus(last.state), "expired"), last)


def _ask_soon(payment: Payment) -> None:
    """Let a worker ask the provider, once in a while whoever looks; where it cannot be, the sweeps do."""
    if not payment.reference or not find_provider(payment.provider).capabilities.can_fetch:
        return
    try:
        if get_redis().set(f"payment:{payment.pk}:asked", 1, nx=True, ex=PAUSE):
            tasks.ask_provider.apply_async(args=(payment.pk,), expires=60, retry=False)
    except (redis.RedisError, DependencyDown, tasks.ask_provider.OperationalError) as error:
        log.warning("provider_not_asked", payment=payment.pk, why=type(error).__name__)


def _context(request: HttpRequest, order: Order, standing: Standing, now: datetime) -> dict[str, object]:
    payment = standing.payment
    context: dict[str, object] = {
        "kind": standing.kind,
        "has_surplus": standing.has_surplus,
        "order": order,
        "here": request.path,
        "home": "/",
        "language": translation.get_language(),
    }
    if payment is not None:
        context["amount"] = format_amount(
            payment.amount, payment.currency, translation.get_language() or order.language
        )
        context["provider"] = find_provider(payment.provider).name
    if standing.kind == "waiting" and payment is not None:
        context["transfer"] = list(_transfer(payment.next_step.get("data", {})))
    if standing.kind == "checking" and payment is not None:
        age = now - payment.created_at
        context["pause"] = next((seconds for limit, seconds in PATIENCE if age < limit), AT_LAST)
    return context


def _transfer(data: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Where the money of a bank transfer is to be sent, and what is to be written on it."""
    named = (
        ("holder", _("Account holder")),
        ("bank", _("Bank")),
        ("code", _("Bank code")),
        ("number", _("Account number")),
        ("purpose", _("Purpose")),
    )
    for name, label in named:
        if data.get(name):
            yield label, data[name]


def _closed(response: HttpResponse) -> HttpResponse:
    """The address is a key to the order: no cache, no index and no other server learns it."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
