"""The side bar: the pages that the person may open, in the order of a shop's day."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from karvon.accounts.admin_base import get_user
from karvon.backoffice.reports import may_read_reports
from karvon.backoffice.selectors import count_given_up

# (title, [(model, icon)])
GROUPS: list[tuple[Any, list[tuple[str, str]]]] = [
    (
        gettext_lazy("Sales"),
        [
            ("orders.order", "receipt_long"),
            ("orders.fulfilment", "package_2"),
            ("promotions.promotion", "sell"),
            ("reviews.review", "star"),
            ("reviews.reviewreport", "flag"),
        ],
    ),
    (
        gettext_lazy("Catalogue"),
        [
            ("catalog.product", "inventory_2"),
            ("catalog.category", "account_tree"),
            ("catalog.collection", "collections_bookmark"),
            ("catalog.modifiergroup", "tune"),
            ("catalog.attribute", "label"),
            ("catalog.tag", "tag"),
            ("catalog.taggeditem", "sell"),
            ("catalog.like", "favorite"),
            ("media.asset", "image"),
            ("catalog.catalogjob", "swap_vert"),
        ],
    ),
    (
        gettext_lazy("Stock"),
        [("inventory.stocklevel", "warehouse"), ("inventory.stockmovement", "history")],
    ),
    (
        gettext_lazy("Money"),
        [
            ("payments.payment", "credit_score"),
            ("payments.refund", "undo"),
            ("payments.difference", "compare_arrows"),
            ("payments.reconciliationrun", "event_available"),
            ("payments.providerevent", "webhook"),
            ("payments.provideraccount", "key"),
            ("documents.document", "description"),
            ("ledger.payoutbatch", "payments"),
            ("ledger.payout", "account_balance"),
            ("ledger.commissionrule", "percent"),
            ("ledger.account", "account_balance_wallet"),
            ("ledger.transaction", "swap_vert"),
            ("ledger.bankdetails", "credit_card"),
        ],
    ),
    (
        gettext_lazy("Merchants"),
        [
            ("merchants.merchant", "storefront"),
            ("merchants.branch", "location_on"),
            ("merchants.merchantstaff", "badge"),
            ("merchants.staffinvitation", "forward_to_inbox"),
            ("merchants.kycdocument", "verified_user"),
        ],
    ),
    (
        gettext_lazy("People"),
        [("accounts.user", "group"), ("accounts.address", "home_pin"), ("auth.group", "shield_person")],
    ),
    (
        gettext_lazy("System"),
        [
            ("audit.auditentry", "policy"),
            ("notifications.notification", "notifications"),
            ("notifications.mail", "mail"),
            ("kernel.outboxevent", "bolt"),
            ("kernel.eventdelivery", "outbox"),
        ],
    ),
]


def list_groups(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of links as Unfold takes them; groups without a page for this person are left out."""
    front = {"title": _("Overview"), "icon": "dashboard", "link": reverse("admin:index"), "active": is_front}
    groups: list[dict[str, Any]] = [{"title": None, "items": [front]}]
    for title, models in GROUPS:
        items = [link for label, icon in models if (link := _link(request, label, icon)) is not None]
        if models is GROUPS[0][1] and may_read_reports(get_user(request)):
            items.append(_report_link(request))
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups


def _report_link(request: HttpRequest) -> dict[str, Any]:
    address = reverse("admin:sales_report_newest")
    return {
        "title": _("Sales report"),
        "icon": "query_stats",
        "link": address,
        "active": request.path.startswith(address),
    }


def is_front(request: HttpRequest) -> bool:
    return request.path == reverse("admin:index")


def _link(request: HttpRequest, label: str, icon: str) -> dict[str, Any] | None:
    model = apps.get_model(label)
    page = admin.site._registry.get(model)
    if page is None or not page.has_module_permission(request) or not page.has_view_permission(request):
        return None
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    link: dict[str, Any] = {
        "title": str(model._meta.verbose_name_plural).capitalize(),
        "icon": icon,
        "link": reverse(name),
    }
    if label == "kernel.eventdelivery" and (given_up := count_given_up()):
        link |= {"badge": str(given_up), "badge_variant": "danger"}
    return link
