"""Two shops with one of everything, and the people who look at them."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from karvon.accounts.acting import actor_of
from karvon.accounts.models import Role, User
from karvon.accounts.tests.factories import make_address, make_user
from karvon.catalog.models import CatalogJob, Product
from karvon.catalog.services import create_tag, like, set_tags
from karvon.catalog.tests.factories import make_attribute, make_category, make_collection, make_modifier_group
from karvon.catalog.tests.factories import make_product as make_whole_product
from karvon.documents.tests.factories import make_invoice
from karvon.inventory.models import StockLevel
from karvon.inventory.tests.factories import level_of, stock_up
from karvon.kernel.acting import in_name_of
from karvon.kernel.models import DeliveryState, EventDelivery, OutboxEvent
from karvon.ledger.tests.factories import make_payouts, make_rule
from karvon.media.models import Asset
from karvon.media.selectors import merchant_ref
from karvon.media.services import store_image
from karvon.media.tests.pictures import draw
from karvon.merchants.models import Merchant, StaffRole
from karvon.merchants.services import PaperUpload, invite_staff, submit_kyc
from karvon.merchants.tests.factories import make_branch, make_merchant, make_staff
from karvon.merchants.tests.papers import PDF
from karvon.notifications.tests.factories import make_mail, make_message
from karvon.orders.models import Fulfilment, Order
from karvon.orders.tests.factories import make_order, part_of
from karvon.payments.tests.factories import BANK, compare_something, make_account, pay_and_return
from karvon.promotions.models import Promotion
from karvon.promotions.tests.factories import make_coupon
from karvon.reviews.models import Review
from karvon.reviews.tests.factories import make_review

BACKEND = "karvon.accounts.backends.PasswordBackend"


@dataclass(frozen=True)
class Shop:
    """A merchant with one row of each kind."""

    merchant: Merchant
    product: Product
    level: StockLevel
    order: Order
    part: Fulfilment
    review: Review
    promotion: Promotion
    asset: Asset
    job: CatalogJob
    manager: User
    cook: User

    def rows(self) -> list[Model]:
        """What belongs to this merchant alone, one row of every page that its people may open."""
        variant = self.product.variants.get()
        return [
            self.product,
            variant,
            self.merchant,
            self.merchant.branches.first(),
            self.merchant.staff.first(),
            self.merchant.invitations.first(),
            self.merchant.modifier_groups.first(),
            self.merchant.collections.first(),
            self.level,
            self.level.movements.first(),
            self.part,
            self.review,
            self.promotion,
            self.asset,
            self.job,
            self.merchant.payouts.first(),
            self.merchant.bank_details,
            self.merchant.provider_accounts.first(),
            self.merchant.documents.first(),
        ]


def make_shop(name: str) -> Shop:
    """A shop called `name`; its product is "`name` lamp", its SKU and handle carry the name too."""
    merchant = make_merchant(name=name, username=name.lower())
    make_branch(merchant, name=f"{name} Chilonzor")
    invite_staff(actor=None, merchant_id=merchant.pk, email=f"{name.lower()}@example.com", role="cook")
    submit_kyc(
        actor=None, merchant_id=merchant.pk, papers=[PaperUpload("passport", "passport.pdf", BytesIO(PDF))]
    )
    merchant.refresh_from_db()  # its papers wait now
    product = make_whole_product(f"{name} lamp", merchant=merchant, state="published")
    variant = product.variants.get()
    variant.sku, variant.tracks_stock = f"{name.upper()}-1", True
    variant.save(update_fields=["sku", "tracks_stock"])
    stock_up(variant, 20, threshold=5)
    order = make_order((variant, 2), contact_name=f"{name} buyer")
    make_invoice(order)
    make_account("bank_transfer", merchant, **BANK)
    make_collection(f"{name} picks", products=[product], merchant_id=merchant.pk)
    make_modifier_group(merchant, f"{name} sauce")
    return Shop(
        merchant=merchant,
        product=product,
        level=level_of(variant),
        order=order,
        part=part_of(order),
        review=make_review(product=product, comment=f"{name} is fine"),
        promotion=make_coupon(f"{name.upper()}10", merchant=merchant),
        asset=store_image(
            data=BytesIO(draw()),
            file_name="lamp.png",
            owner_ref=merchant_ref(merchant.pk),
            actor=None,
            alt=f"{name} picture",
        ),
        job=CatalogJob.objects.create(
            merchant=merchant, kind="import", format="shopify", file_name=f"{name}.csv", state="done"
        ),
        manager=make_staff(merchant, role=StaffRole.MANAGER).user,
        cook=make_staff(merchant, role=StaffRole.COOK).user,
    )


def make_town() -> tuple[Shop, Shop]:
    """Two shops, and the rows that are nobody's alone."""
    shops = make_shop("Alpha"), make_shop("Beta")
    make_category("Lamps")
    make_attribute("size", choices=["S", "M"])
    create_tag(names={"en": "New"}, actor=None)
    make_address(make_user())
    like(user=make_user(), kind="merchant", object_id=shops[0].merchant.pk)
    set_tags(actor=shops[0].merchant.owner, kind="merchant", object_id=shops[0].merchant.pk, names=["New"])
    make_payouts(*(shop.merchant for shop in shops), actor=make_operator())
    make_rule(merchant=shops[0].merchant)
    compare_something()
    pay_and_return(shops[0].order)
    make_mail()
    make_message(shops[0].merchant.owner)
    with in_name_of(actor_of(shops[0].merchant.owner)):
        make_coupon("RECORDED", merchant=shops[0].merchant)
    event = OutboxEvent.objects.create(type="test.happened", payload={"number": 1})
    EventDelivery.objects.create(event=event, handler="test", state=DeliveryState.DEAD, attempts=10)
    return shops


def open_as(user: User) -> Client:
    """A browser in which this person is logged in."""
    browser = Client(headers={"Accept": "text/html"})
    browser.force_login(user, backend=BACKEND)
    return browser


def make_admin() -> User:
    return make_user(role=Role.ADMIN)


def make_operator() -> User:
    return make_user(role=Role.STAFF)


def address(model: Any, page: str, *args: Any, **query: Any) -> str:
    """Of a page of the back office: "changelist", "add", "change", "delete", "history" or an action."""
    names = model._meta
    return reverse(f"admin:{names.app_label}_{names.model_name}_{page}", args=args, query=query or None)


def pages() -> list[Any]:
    """Every registered page, by label."""
    return sorted(admin.site._registry.values(), key=lambda page: page.opts.label_lower)
