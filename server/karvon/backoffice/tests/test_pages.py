"""Every page of the back office opens for whom it should, and says no to everybody else."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from django.utils import timezone, translation

from karvon.accounts.models import User
from karvon.backoffice.tests.town import Shop, address, make_admin, make_operator, make_town, open_as, pages
from karvon.orders.models import Order

pytestmark = pytest.mark.django_db

EVERYBODY = {
    "catalog.attribute", "catalog.attributechoice", "catalog.category", "catalog.collection", "catalog.modifiergroup",
    "catalog.product", "catalog.tag", "catalog.variant", "inventory.stocklevel", "inventory.stockmovement",
    "merchants.branch", "merchants.merchant", "orders.fulfilment", "promotions.promotion", "reviews.review",
}  # fmt: skip
MANAGERS = EVERYBODY | {
    "ledger.bankdetails",
    "documents.document",
    "ledger.payout",
    "catalog.catalogjob",
    "media.asset",
    "merchants.merchantstaff",
    "merchants.staffinvitation",
}
OPERATORS = MANAGERS | {
    "accounts.address", "accounts.user", "audit.auditentry", "catalog.like", "catalog.taggeditem", "kernel.eventdelivery",
    "kernel.outboxevent", "notifications.mail", "notifications.notification",
    "ledger.account", "ledger.commissionrule", "ledger.payoutbatch", "ledger.transaction",
    "merchants.kycdocument", "orders.order", "payments.difference", "payments.payment",
    "payments.provideraccount", "payments.providerevent", "payments.reconciliationrun", "payments.refund", "reviews.reviewreport",
}  # fmt: skip
OPENED = {
    "admin": OPERATORS | {"auth.group"},
    "operator": OPERATORS,
    "owner": MANAGERS | {"audit.auditentry", "payments.provideraccount"},
    "manager": MANAGERS,
    "cook": EVERYBODY,
}
ADDED_BY_MANAGERS = {
    "catalog.collection", "catalog.modifiergroup", "catalog.product", "media.asset", "merchants.branch",
    "merchants.merchantstaff", "merchants.staffinvitation", "promotions.promotion",
}  # fmt: skip
ADDED_BY_OWNERS = ADDED_BY_MANAGERS | {"ledger.bankdetails", "payments.provideraccount"}
ADDED_BY_OPERATORS = ADDED_BY_OWNERS | {
    "accounts.user", "catalog.attribute", "catalog.category", "catalog.tag", "ledger.commissionrule", "ledger.payoutbatch",
    "merchants.merchant", "notifications.notification",
}  # fmt: skip
ADDED: dict[str, set[str]] = {
    "admin": ADDED_BY_OPERATORS | {"auth.group"},
    "operator": ADDED_BY_OPERATORS,
    "owner": ADDED_BY_OWNERS,
    "manager": ADDED_BY_MANAGERS,
    "cook": set(),
}
PEOPLE = sorted(OPENED)


def find_person(name: str, shop: Shop) -> User:
    return {
        "admin": make_admin,
        "operator": make_operator,
        "owner": lambda: shop.merchant.owner,
        "manager": lambda: shop.manager,
        "cook": lambda: shop.cook,
    }[name]()


def row_of(page: Any, user: User) -> Any:
    rows = page.model._default_manager.all()
    return (page.visible(rows, user) if hasattr(page, "visible") else rows).order_by("pk").first()


def ask(user: User, **query: str) -> Any:
    """A request of this person, to call views with; what they return is not rendered."""
    request = RequestFactory().get("/admin/", query)
    request.user, request.session = user, {}
    request._messages = []
    return request


def opens(view: Any, *args: Any, **kwargs: Any) -> int:
    """The status that a view answers with."""
    try:
        return view(*args, **kwargs).status_code
    except PermissionDenied:
        return 403


def list_forbidden_parts(html: str) -> list[str]:
    """What the policy would block, or what would be fetched from elsewhere."""
    found = [
        tag
        for tag, attributes in re.findall(r"(<script\b([^>]*)>)", html)
        if "src=" not in attributes and 'type="application/json"' not in attributes
    ]
    found += re.findall(r"\son[a-z]+=\"[^\"]*\"", html)
    found += re.findall(r"href=\"javascript:[^\"]*\"", html)
    return found + re.findall(
        r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=\"(?:https?:)?//[^\"]*\"", html
    )


@pytest.mark.parametrize("person", PEOPLE)
def test_pages_open_for_whom_they_should(person):
    shop, _other = make_town()
    user = find_person(person, shop)
    lists, adds, rows, histories = set(), set(), set(), set()

    for page in pages():
        label, row = page.opts.label_lower, row_of(page, user)
        if opens(page.changelist_view, ask(user)) == 200:
            lists.add(label)
        if opens(page.add_view, ask(user)) == 200:
            adds.add(label)
        if row is not None and opens(page.change_view, ask(user), str(row.pk)) == 200:
            rows.add(label)
        if row is not None and opens(page.history_view, ask(user), str(row.pk)) == 200:
            histories.add(label)

    assert lists == OPENED[person]
    assert adds == ADDED[person]
    # nobody has complained in this town, and there are no groups
    rowless = {"reviews.reviewreport", "auth.group"}
    assert rows == histories == OPENED[person] - rowless


def test_lists_are_searched_sorted_and_filtered_by_whatever_the_address_says():
    make_town()
    user = make_admin()

    for page in pages():
        plain = page.get_changelist_instance(ask(user))
        queries: list[dict[str, str]] = [{"o": f"-{n}"} for n in range(1, len(plain.list_display))]
        if page.search_fields:
            queries += [{"q": words} for words in ("Alpha", "12", "a'\"%_")]
        for spec in plain.filter_specs:
            for name in spec.expected_parameters():
                queries += [{name: "1"}, {name: "nonsense"}]
        for query in queries:
            try:
                list(page.get_changelist_instance(ask(user, **query)).result_list)
            except IncorrectLookupParameters:
                # Django's own answer to a filter of nonsense: the list without it
                assert "nonsense" in query.values(), (page, query)


def test_every_page_is_rendered_within_its_policy():
    make_town()
    user = make_admin()
    browser, wrong = open_as(user), []

    for page in pages():
        row = row_of(page, user)
        urls = [address(page.model, "changelist")]
        urls += [address(page.model, "change", row.pk)] if row is not None else []
        for url in urls:
            answer = browser.get(url)
            html = answer.content.decode()
            wrong += [f"{url}: {found}" for found in list_forbidden_parts(html)]
            # a state and its words, shown as the pair that they are kept as
            wrong += [f"{url}: {found}" for found in re.findall(r"\(&#x27;[^)]*\)", html)]
            wrong += [] if answer.status_code == 200 else [f"{url}: {answer.status_code}"]

    assert wrong == []


@pytest.mark.parametrize("person", ["admin", "owner"])
def test_buttons_of_a_row_lead_to_pages_that_open(person):
    shop, _other = make_town()
    browser = open_as(find_person(person, shop))
    opened = 0

    for row in (shop.part, shop.level, shop.product, shop.review, shop.merchant):
        url = address(row, "change", row.pk)
        html = browser.get(url).content.decode()
        base = url.removesuffix("change/")
        for link in sorted(set(re.findall(rf'href="({re.escape(base)}[a-z-]+/)[?"]', html))):
            assert browser.get(link, follow=True).status_code == 200, link
            opened += 1

    assert opened >= 12


@pytest.mark.parametrize("person", ["admin", "owner"])
def test_rows_are_deleted_after_a_question(person):
    shop, _other = make_town()
    browser = open_as(find_person(person, shop))
    url = address(shop.promotion, "delete", shop.promotion.pk)

    asked = browser.get(url)
    answered = browser.post(url, {"post": "yes"})

    assert asked.status_code == 200
    assert answered.status_code == 302
    assert not type(shop.promotion).objects.filter(pk=shop.promotion.pk).exists()


@pytest.mark.parametrize("role", ["customer", "courier"])
def test_customers_and_couriers_are_shown_the_login(role):
    from karvon.accounts.tests.factories import make_user

    browser = open_as(make_user(role=role))

    for path in ("/admin/", "/admin/catalog/product/", "/admin/jsi18n/"):
        answer = browser.get(path)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/admin/login/")


@pytest.mark.parametrize("language", ["uz", "ru", "ar"])
def test_the_front_page_opens_in_every_language(language):
    make_town()
    browser = open_as(make_admin())
    browser.cookies["django_language"] = language

    front = browser.get("/admin/")

    assert front.status_code == 200
    assert f'dir="{"rtl" if language == "ar" else "ltr"}"' in front.content.decode()
    assert list_forbidden_parts(front.content.decode()) == []


@pytest.mark.parametrize(
    ("language", "day"), [("en", "2026-03-05"), ("ru", "05.03.2026"), ("uz", "05.03.2026")]
)
def test_days_are_filtered_as_the_language_writes_them_on_the_shops_clock(language, day):
    shop, _other = make_town()
    page, user = admin.site._registry[Order], make_admin()
    # ten at night of the 4th at Greenwich is the 5th in Tashkent
    Order.objects.filter(pk=shop.order.pk).update(placed_at=datetime(2026, 3, 4, 22, tzinfo=UTC))
    query = {"placed_at_from_0": day, "placed_at_to_0": day}

    with translation.override(language), timezone.override("Asia/Tashkent"):
        found = list(page.get_changelist_instance(ask(user, **query)).result_list)

    assert [order.pk for order in found] == [shop.order.pk]


def test_every_model_of_the_rooms_has_its_rights_in_this_file():
    """A page that is added without a line here is noticed."""
    assert {page.opts.label_lower for page in admin.site._registry.values()} == OPENED["admin"]
