"""A small shop in which every operation finds something to work on, and everybody who may want to."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core import signing
from django.db import transaction
from PIL import Image

from karvon.accounts.models import Role, User
from karvon.accounts.services import issue_tokens
from karvon.accounts.tests.factories import make_address, make_user
from karvon.accounts.tokens import TokenPair
from karvon.analytics.tests.factories import count, order_again
from karvon.carts.owner import CartOwner
from karvon.carts.services import add_line, create_cart
from karvon.catalog import gallery
from karvon.catalog import services as catalog
from karvon.catalog.exchange.jobs import create_export_job, run_import_now, run_job
from karvon.catalog.models import Category, Product, Variant
from karvon.catalog.tests.factories import (
    make_attribute,
    make_category,
    make_collection,
    make_modifier_group,
    make_product,
    variant_input,
)
from karvon.documents.tests.factories import PDF as INVOICE
from karvon.documents.tests.factories import make_invoice
from karvon.inventory.tests.factories import level_of, stock_up
from karvon.kernel import clock
from karvon.kernel.redis import get_redis
from karvon.ledger.services import approve_payout
from karvon.ledger.tests.factories import make_payouts, make_rule, owe
from karvon.media import services as media
from karvon.merchants.models import Merchant, StaffRole
from karvon.merchants.services import PaperUpload, invite_staff, make_invitation_link, submit_kyc
from karvon.merchants.tests.factories import make_branch, make_merchant, make_staff
from karvon.merchants.tests.papers import PDF
from karvon.notifications.tests.factories import make_message
from karvon.orders.models import Order
from karvon.orders.services import cancel_order
from karvon.orders.tests.factories import make_guest_order, make_order, part_of
from karvon.payments.booking.charges import Charge, book_charge
from karvon.payments.services import begin_payment
from karvon.payments.tests.factories import bank_account
from karvon.promotions.tests.factories import make_coupon
from karvon.reviews.tests.factories import make_review

GUEST, CUSTOMER, STRANGER = "guest", "customer", "stranger"
OWNER, RIVAL, CLERK, STAFF, ADMIN = "owner", "rival", "clerk", "staff", "admin"
RED, GREEN = (200, 30, 30), (30, 200, 30)
BAD_CSV = b"Handle,Title,Variant SKU,Variant Price\nbad,Bad,SKU-X,not a price\n"


@dataclass
class World:
    """`ids` names one living row per path parameter, all of them `owner`'s or `customer`'s; `other_ids` the same rows of
    `rival` and `stranger`.
    """

    merchant: Merchant
    rival: Merchant
    products: list[Product]
    variant: Variant
    order: Order
    guest_order: Order
    people: dict[str, User]
    ids: dict[str, Any]
    other_ids: dict[str, Any]
    variants: dict[str, Variant]
    tokens: dict[str, TokenPair]
    # what a full cart is in Redis, key by key: life in milliseconds (0 for ever) and content
    cart: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)

    def headers(self, who: str) -> dict[str, str]:
        """The token of somebody; nothing for a guest."""
        return {"Authorization": f"Bearer {self.tokens[who].access}"} if who in self.tokens else {}

    @contextmanager
    def as_new(self) -> Iterator[None]:
        """The shop as it was made; whatever happens inside never happened."""
        with rolled_back():
            self._refill()
            yield

    def _refill(self) -> None:
        """Redis with the customer's full cart and nothing else: filled by the shop once, put back ever after."""
        redis = get_redis()
        if not self.cart:
            redis.flushdb()
            self.ids["line_id"] = self.fill_cart(CUSTOMER)
            keys = redis.keys()
            self.cart = {key: (max(0, redis.pttl(key)), redis.dump(key)) for key in keys}
            return
        with redis.pipeline() as pipeline:
            pipeline.flushdb()
            for key, (life, content) in self.cart.items():
                pipeline.restore(key, life, content)
            pipeline.execute()

    def make_guest_cart(self) -> str:
        """A cart that belongs to whoever knows its id, with one line."""
        cart = create_cart(CartOwner())
        assert cart.snapshot is not None
        owner = CartOwner(cart_id=cart.snapshot.cart_id)
        line = add_line(owner, variant_id=self.variant.pk, quantity=1).touched
        self.ids |= {"cart_id": str(owner.cart_id), "item_id": line}
        return str(owner.cart_id)

    def fill_cart(self, who: str) -> int:
        """Put something of their shop into somebody's cart; returns the line's id."""
        owner = CartOwner(user_id=self.people[who].pk)
        cart = add_line(owner, variant_id=self.variants[who].pk, quantity=2)
        assert cart.snapshot is not None
        return cart.snapshot.lines[0].id


@contextmanager
def rolled_back() -> Iterator[None]:
    """Whatever happens inside never happened to the database."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def make_world() -> World:
    """Two merchants with one of everything, and two customers who bought from them: the owner's shop and the customer are
    what requests are about, the rival's and the stranger are the others.
    """
    people = {
        CUSTOMER: make_user(username="customer", email="customer@example.com"),
        STRANGER: make_user(username="stranger"),
        OWNER: make_user(role=Role.MERCHANT, username="owner"),
        RIVAL: make_user(role=Role.MERCHANT, username="rival"),
        CLERK: make_user(role=Role.MERCHANT_STAFF, username="clerk"),
        STAFF: make_user(role=Role.STAFF, username="operator"),
        ADMIN: make_user(role=Role.ADMIN, username="administrator"),
    }
    tokens = {name: issue_tokens(user=user) for name, user in people.items()}
    category = make_category("Food")
    common = {
        "category": category.pk,
        "attribute_id": make_attribute("size", choices=["s", "m"], is_option=True).pk,
        "tag": "hot",
        "kind": "product",
        "upload": signing.dumps({"key": "nothing"}),
        "line_id": 1,
        "cart_id": "00000000-0000-4000-8000-000000000000",
        "item_id": 1,
        "category_id": category.pk,
        "provider": "bank_transfer",
        "action": "check",
        "account_key": bank_account().key,
    }
    shop = make_shop(
        make_merchant(owner=people[OWNER], username="bazaar", name="Bazaar"), people[CLERK], category
    )
    rival_shop = make_shop(make_merchant(owner=people[RIVAL], username="rival-shop"), make_user(), category)
    for each in (shop, rival_shop):
        # one that is approved, one that is not yet, and something left for another one
        (approved,) = make_payouts(each.merchant, actor=people[STAFF])
        approve_payout(payout_id=approved.pk, actor=people[ADMIN])
        (payout,) = make_payouts(each.merchant, actor=people[STAFF])
        owe(each.merchant)
        each.ids |= {
            "approved_payout": approved.pk,
            "payout_id": payout.pk,
            "batch_id": payout.batch_id,
            "rule_id": make_rule(merchant=each.merchant).pk,
        }
    order, ids = visit(shop, people[CUSTOMER])
    other_ids = visit(rival_shop, people[STRANGER])[1]
    return World(
        merchant=shop.merchant,
        rival=rival_shop.merchant,
        products=shop.products,
        variant=shop.variant,
        order=order,
        guest_order=make_guest_order((shop.variant, 1)),
        people=people,
        tokens=tokens,
        ids={**common, **shop.ids, **ids},
        other_ids={**common, **rival_shop.ids, **other_ids},
        variants={CUSTOMER: shop.variant, STRANGER: rival_shop.variant},
    )


@dataclass
class Shop:
    merchant: Merchant
    products: list[Product]
    variant: Variant
    ids: dict[str, Any]


def make_shop(merchant: Merchant, clerk: User, category: Category) -> Shop:
    """One row of everything that a merchant has."""
    owner = merchant.owner
    staff = make_staff(merchant, user=clerk, role=StaffRole.COOK)
    branch = make_branch(merchant, name="Second")
    group = make_modifier_group(merchant, "Ketchup", "Mayonnaise")
    products = [
        make_product(
            f"Plov {number}",
            merchant=merchant,
            category=category,
            variants=[variant_input(tracks_stock=True)],
            description="<p>Rice</p>",
            tags=("hot",),
            **({"modifier_group_ids": (group.pk,)} if number == 2 else {}),
        )
        for number in range(3)
    ]
    variant = products[0].variants.get()
    level = stock_up(variant, 50)
    product_image = gallery.add_product_image(
        product_id=products[0].pk,
        asset_id=_picture(owner, merchant, RED).pk,
        actor=owner,
        alt="Plov",
        variant_id=None,
    )
    coupon = make_coupon("TEN" if owner.username == "owner" else "RIVALTEN", merchant=merchant)
    return Shop(
        merchant,
        products,
        variant,
        {
            "branch_id": branch.pk,
            "collection": make_collection("Best", products=products[:2], merchant_id=merchant.pk).pk,
            "merchant": merchant.pk,
            "username": merchant.username,
            "merchant_id": merchant.pk,
            "product": products[0].pk,
            "product_id": products[0].pk,
            "unsold_product": products[1].pk,
            "object_id": products[0].pk,
            "variant": variant.pk,
            "default_branch": level.branch_id,
            "group_id": group.pk,
            # in the library and not on show
            "image_id": _picture(owner, merchant, GREEN).pk,
            "product_image": product_image.pk,
            "level_id": level_of(variant).pk,
            "promotion_id": coupon.pk,
            "staff_id": staff.pk,
            **_make_papers_and_offer(merchant),
            **_make_jobs(merchant),
        },
    )


def _make_papers_and_offer(merchant: Merchant) -> dict[str, Any]:
    """Papers that wait for a decision, and a place offered by mail long enough ago to be offered again."""
    submit_kyc(
        actor=None, merchant_id=merchant.pk, papers=[PaperUpload("passport", "passport.pdf", io.BytesIO(PDF))]
    )
    offer = invite_staff(
        actor=None,
        merchant_id=merchant.pk,
        email=f"cook@{merchant.username}.example",
        role=StaffRole.COOK,
        now=clock.now() - timedelta(hours=1),
    )
    return {
        "document_id": merchant.kyc_documents.get().pk,
        "invitation_id": offer.pk,
        "invitation_token": make_invitation_link(offer.pk).partition("#")[2],
    }


def _make_jobs(merchant: Merchant) -> dict[str, Any]:
    imported = run_import_now(
        merchant=merchant,
        actor=merchant.owner,
        format_name="shopify",
        source=io.BytesIO(BAD_CSV),
        file_name="bad.csv",
    )
    exported = create_export_job(merchant=merchant, actor=merchant.owner)
    run_job(job_id=exported.pk)
    return {"import": imported.pk, "export": exported.pk}


def visit(shop: Shop, customer: User) -> tuple[Order, dict[str, Any]]:
    """A customer buys, reviews and likes; one row of everything that is a customer's."""
    order = make_order((shop.variant, 2), customer=customer)
    paid = order_again((shop.variant, 1), customer=customer, payment_method="bank_transfer")
    payment = begin_payment(order_id=paid.pk, provider="bank_transfer", payer=customer)
    book_charge(payment=payment, charge=Charge("statement", payment.amount, payment.currency))
    cancel_order(order_id=paid.pk, actor=customer)
    count(order, paid)
    catalog.add_favourite(user=customer, product_id=shop.products[1].pk)
    return order, {
        "address_id": make_address(customer).pk,
        "fulfilment_id": part_of(order).pk,
        "order_document": make_invoice(order, file=INVOICE).pk,
        "message_id": make_message(customer).pk,
        "order_id": order.pk,
        "payment_id": payment.pk,
        "refundable_order": paid.pk,
        "review_id": make_review(product=shop.products[0], author=customer, comment="Good").pk,
        "session_id": str(customer.refresh_families.latest("created_at").pk),
        "user_id": customer.pk,
    }


def _picture(owner: User, merchant: Merchant, colour: tuple[int, int, int]) -> Any:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(data, "PNG")
    data.seek(0)
    return media.store_image(
        data=data, file_name="plov.png", owner_ref=f"merchant:{merchant.pk}", actor=owner, alt=""
    )
