"""The page of a day's report."""

from __future__ import annotations

import pytest

from karvon.analytics.tests.factories import count, walk
from karvon.backoffice.tests.town import make_operator, make_town, open_as
from karvon.orders.models import Fulfilment
from karvon.orders.tests.factories import part_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/reports/sales/"


def sell(shop) -> None:
    walk(part_of(shop.order), to="delivered")
    Fulfilment.objects.filter(order=shop.order).update(business_date="2026-03-08")
    count(shop.order)


def test_everybody_sees_the_day_of_their_own():
    own, other = make_town()
    sell(own)
    operator, owner = open_as(make_operator()), open_as(own.merchant.owner)

    everything = operator.get(f"{PAGE}2026-03-08/")
    mine = owner.get(f"{PAGE}2026-03-08/")
    theirs = open_as(other.merchant.owner).get(f"{PAGE}2026-03-08/")

    assert [each.status_code for each in (everything, mine, theirs)] == [200, 200, 200]
    assert own.merchant.name in everything.content.decode()
    assert (
        mine.context["rows"][0].value
        == everything.context["rows"][0].value
        != theirs.context["rows"][0].value
    )
    assert operator.get(f"{PAGE}2026-03-08/?merchant={own.merchant.pk}").context["of"] == own.merchant.name


def test_other_shops_and_days_that_are_none_are_not_there():
    own, other = make_town()
    owner = open_as(own.merchant.owner)

    for address in (
        f"2026-03-08/?merchant={other.merchant.pk}",
        "2026-03-08/?merchant=x",
        "2026-02-30/",
        "1999-12-31/",
    ):
        assert owner.get(f"{PAGE}{address}").status_code == 404
    assert open_as(own.cook).get(f"{PAGE}2026-03-08/").status_code == 404


def test_the_form_leads_to_its_day_and_nowhere_else():
    own, _other = make_town()
    owner = open_as(own.merchant.owner)

    assert owner.get(f"{PAGE}?day=2026-03-08").url == f"{PAGE}2026-03-08/"
    assert owner.get(f"{PAGE}?day=//evil.example").url.startswith(PAGE)
    assert PAGE in owner.get("/admin/").content.decode()
    assert PAGE not in open_as(own.cook).get("/admin/").content.decode()
