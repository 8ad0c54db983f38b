"""Ninety days of orders: written in bulk, as checkout and the shops' people would have left them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from karvon.accounts.models import Address, User
from karvon.backoffice.demo.calendar import BOARD, TASHKENT, Step, draw_moments, draw_steps, steps_until
from karvon.catalog.models import Modifier, ModifierGroup, ProductImage, Variant, VariantAttribute
from karvon.catalog.window.loading import load_paths
from karvon.inventory.models import MovementKind, Reservation, ReservationState, StockLevel, StockMovement
from karvon.kernel.ids import new_token
from karvon.kernel.money import money_json
from karvon.media.urls import asset_url
from karvon.merchants.models import Branch, Merchant, MerchantKind
from karvon.orders.commissions import Selling, Terms, find_terms
from karvon.orders.models import (
    DeliveryType,
    Fulfilment,
    FulfilmentFlow,
    Order,
    OrderEvent,
    OrderLine,
    OrderState,
    PaymentMethod,
    PaymentState,
)
from karvon.orders.models.order import PAID_ON_DELIVERY
from karvon.orders.numbers import ALPHABET
from karvon.orders.states import CALLED_OFF

PICKUP_SHARE = 0.15
EPOCH_MS = 1_735_689_600_000  # where public ids begin to count
NO_MODIFIERS: tuple[list[dict[str, Any]], Decimal] = ([], Decimal(0))


@dataclass
class Shop:
    """A seller with what its customers choose from."""

    merchant: Merchant
    branches: Sequence[Branch]
    variants: Sequence[Variant]
    weight: int
    groups: dict[int, list[tuple[ModifierGroup, list[Modifier]]]] = field(default_factory=dict)
    options: dict[int, list[VariantAttribute]] = field(default_factory=dict)
    pictures: dict[int, str] = field(default_factory=dict)
    terms: dict[int, Terms] = field(default_factory=dict)

    @property
    def is_kitchen(self) -> bool:
        return self.merchant.kind == MerchantKind.RESTAURANT


@dataclass(frozen=True)
class Placed:
    """One order with everything that belongs to it, not written yet."""

    order: Order
    part: Fulfilment
    lines: list[OrderLine]
    events: list[OrderEvent]


def write_orders(
    shops: Sequence[Shop], customers: Sequence[User], *, count: int, random: Random, now: datetime
) -> None:
    """`count` orders of the past, the last of them on the kitchen's board; stock and ledger agree with them."""
    addresses: dict[int, list[Address]] = defaultdict(list)
    for address in Address.objects.filter(user__in=customers).order_by("id"):
        addresses[address.user_id].append(address)
    for shop in shops:
        _load_choices(shop)
        _load_terms(shop, now)
    clerk = _Clerk(random, now, addresses)
    board = BOARD[: count // 4]
    placed = []
    for moment in draw_moments(count - len(board), random, now):
        shop = random.choices(shops, weights=[each.weight for each in shops])[0]
        # the demo customer is the first of them and orders most often
        customer = customers[int(random.triangular(0, len(customers), 0)) % len(customers)]
        placed.append(clerk.place(len(placed), moment, shop, customer))
    kitchen = next(shop for shop in shops if shop.is_kitchen)
    for number, (minutes, state) in sorted(enumerate(BOARD[: len(board)]), key=lambda each: -each[1][0]):
        customer = customers[0] if number % 4 == 0 else customers[1 + number % (len(customers) - 1)]
        moment = now - timedelta(minutes=minutes)
        placed.append(clerk.place(len(placed), moment, kitchen, customer, state=state))
    _write(placed)


def add_orders(
    shops: Sequence[Shop], customers: Sequence[User], *, count: int, random: Random, now: datetime
) -> list[Placed]:
    """`count` more orders of the past, beside those that are there; stock and ledger agree with them."""
    addresses: dict[int, list[Address]] = defaultdict(list)
    for address in Address.objects.filter(user__in=customers).order_by("id"):
        addresses[address.user_id].append(address)
    buyers = [each for each in customers if each.pk in addresses]
    for shop in shops:
        _load_choices(shop)
        _load_terms(shop, now)
    clerk = _Clerk(random, now, addresses)
    run = new_token()[:8]
    placed = []
    for index, second in enumerate(draw_moments(count, random, now)):
        # ids are made of milliseconds, and another run may have drawn the same second
        moment = second + timedelta(milliseconds=random.randrange(1000))
        shop = random.choices(shops, weights=[each.weight for each in shops])[0]
        placed.append(clerk.place(index, moment, shop, random.choice(buyers)))
        placed[-1].order.cart_key = f"demo:{run}:{index}"
    _write(placed)
    return placed


def _load_choices(shop: Shop) -> None:
    """The questions asked about each dish, what tells each variant apart, and the picture of each product."""
    products = {variant.product_id for variant in shop.variants}
    groups = (
        ModifierGroup.objects.filter(links__product__in=products).distinct().prefetch_related("modifiers")
    )
    by_id = {group.pk: (group, list(group.modifiers.all())) for group in groups}
    links = ModifierGroup.products.through.objects.filter(product__in=products).order_by(
        "product_id", "position"
    )
    for link in links:
        shop.groups.setdefault(link.product_id, []).append(by_id[link.group_id])
    values = VariantAttribute.objects.filter(
        variant__in=[variant.pk for variant in shop.variants], choice__isnull=False
    )
    for value in values.select_related("attribute", "choice").order_by("variant_id", "attribute__position"):
        shop.options.setdefault(value.variant_id, []).append(value)
    for image in ProductImage.objects.filter(product__in=products).select_related("asset").order_by("id"):
        shop.pictures.setdefault(image.product_id, asset_url(image.asset.file))


def _load_terms(shop: Shop, now: datetime) -> None:
    """The commission on each variant, as it is now."""
    paths = load_paths({each.product.category_id for each in shop.variants if each.product.category_id})
    sellings = [
        Selling(shop.merchant.pk, tuple(node.id for node in paths.get(each.product.category_id or 0, ())))
        for each in shop.variants
    ]
    terms = find_terms(sellings, currency=shop.merchant.currency, now=now)
    shop.terms = {each.pk: own for each, own in zip(shop.variants, terms, strict=True)}


class _Clerk:
    """Makes orders; the same ones for the same generator and moment."""

    def __init__(self, random: Random, now: datetime, addresses: dict[int, list[Address]]) -> None:
        self._random = random
        self._now = now
        self._addresses = addresses

    def place(self, index: int, moment: datetime, shop: Shop, customer: User, *, state: str = "") -> Placed:
        branch = self._random.choice(shop.branches)
        is_pickup = not state and shop.is_kitchen and self._random.random() < PICKUP_SHARE
        flow = _flow(shop, is_pickup=is_pickup)
        steps = (
            steps_until(state, flow, moment, self._now)
            if state
            else draw_steps(flow, moment, self._random, self._now)
        )
        order = self._order(index, moment, customer, shop, steps, is_pickup=is_pickup)
        lines = [self._line(order, shop, *chosen) for chosen in enumerate(self._pick(shop))]
        subtotal = sum((line.total for line in lines), Decimal(0))
        is_free = is_pickup or (
            branch.free_delivery_from is not None and subtotal >= branch.free_delivery_from
        )
        fee = Decimal(0) if is_free else branch.delivery_fee
        order.subtotal, order.delivery_fee, order.total = subtotal, fee, subtotal + fee
        part = Fulfilment(
            order=order, merchant=shop.merchant, branch=branch, number=order.number[:10], flow=flow, state=order.state,
            business_date=(moment + TASHKENT).date(), placed_at=moment, subtotal=subtotal, delivery_fee=fee, total=order.total,
            paid_amount=order.total if order.payment_state == PaymentState.PAID else 0,
            settled_at=_settled_at(order, steps),
        )  # fmt: skip
        return Placed(order, part, lines, _timeline(order, customer, shop.merchant, moment, steps))

    def _order(
        self,
        index: int,
        moment: datetime,
        customer: User,
        shop: Shop,
        steps: Sequence[Step],
        *,
        is_pickup: bool,
    ) -> Order:
        random, state = self._random, steps[-1].state
        method = random.choices(
            (PaymentMethod.CASH, PaymentMethod.CARD_ON_DELIVERY, PaymentMethod.PAYME), (5, 2, 4)
        )[0]
        if state in CALLED_OFF:
            method = PaymentMethod.CASH
        number = f"{moment + TASHKENT:%m%d}-" + "".join(random.choice(ALPHABET) for _ in range(5))
        return Order(
            id=(int(moment.timestamp() * 1000) - EPOCH_MS << 12) | (index % 4096),
            number=f"{number}{random.randrange(1000):03d}", token=new_token(), cart_key=f"demo:{index}",
            customer=customer, contact_name=customer.full_name, contact_phone=customer.phone or "",
            contact_email=customer.email or "", language=customer.language, currency=shop.merchant.currency,
            state=state, payment_state=_payment_state(state, method), payment_method=method,
            delivery_type=DeliveryType.PICKUP if is_pickup else DeliveryType.DELIVERY,
            delivery_address={} if is_pickup else self._address(customer),
            placed_at=moment, confirmed_at=steps[0].at,
        )  # fmt: skip

    def _address(self, customer: User) -> dict[str, Any]:
        chosen = self._random.choice(self._addresses[customer.pk])
        return {
            "label": chosen.label, "recipient": chosen.recipient, "phone": chosen.phone, "line1": chosen.line1,
            "city": chosen.city, "country": chosen.country,
            "latitude": str(chosen.latitude), "longitude": str(chosen.longitude),
        }  # fmt: skip

    def _pick(self, shop: Shop) -> list[Variant]:
        count = self._random.choices((1, 2, 3, 4), (4, 4, 2, 1))[0]
        return self._random.sample(shop.variants, k=min(len(shop.variants), count))

    def _line(self, order: Order, shop: Shop, position: int, variant: Variant) -> OrderLine:
        quantity = self._random.choices((1, 2, 3), (7, 2, 1) if shop.is_kitchen else (9, 1, 0))[0]
        chosen, extra = self._answers(shop.groups.get(variant.product_id, ()), order.language)
        price = variant.price + extra
        terms = shop.terms[variant.pk]
        return OrderLine(
            order=order, product_id=variant.product_id, variant=variant, sku=variant.sku, position=position,
            title=_said(variant.product, "title", order.language),
            options={value.attribute.code: _said(value.choice, "label", order.language) for value in shop.options.get(variant.pk, ())},
            image=shop.pictures.get(variant.product_id, ""), modifiers=chosen, quantity=quantity, unit_price=price, subtotal=price * quantity, total=price * quantity,
            commission_percent=terms.percent, commission_fixed=terms.fixed,
            commission=terms.commission(price * quantity, quantity, order.currency),
        )  # fmt: skip

    def _answers(
        self, groups: Sequence[tuple[ModifierGroup, list[Modifier]]], language: str
    ) -> tuple[list[dict[str, Any]], Decimal]:
        """What was answered: as much as is asked for, now and then one more."""
        chosen, extra = [], Decimal(0)
        for group, modifiers in groups:
            most = min(group.max_picks, len(modifiers), group.min_picks + 1)
            for modifier in self._random.sample(modifiers, k=self._random.randint(group.min_picks, most)):
                extra += modifier.price_delta
                name = _said(modifier, "name", language)
                chosen.append(
                    {"id": modifier.pk, "name": name, "price_delta": money_json(modifier.price_delta)}
                )
        return chosen, extra


def _flow(shop: Shop, *, is_pickup: bool) -> str:
    if is_pickup:
        return FulfilmentFlow.PICKUP
    return FulfilmentFlow.FOOD_DELIVERY if shop.is_kitchen else FulfilmentFlow.RETAIL


def _said(row: Any, name: str, language: str) -> str:
    return getattr(row, f"{name}_{language}") or getattr(row, f"{name}_en")


def _payment_state(state: str, method: str) -> str:
    if state == OrderState.DELIVERED or method not in PAID_ON_DELIVERY:
        return PaymentState.PAID
    return PaymentState.FAILED if state in CALLED_OFF else PaymentState.PENDING


def _settled_at(order: Order, steps: Sequence[Step]) -> datetime | None:
    """Paid ahead when it was confirmed, at the door when it was handed over."""
    if order.payment_state != PaymentState.PAID:
        return None
    return steps[-1 if order.payment_method in PAID_ON_DELIVERY else 0].at


def _timeline(
    order: Order, customer: User, merchant: Merchant, moment: datetime, steps: Sequence[Step]
) -> list[OrderEvent]:
    """Placed by the customer, confirmed by the system, moved on by the merchant, called off by the customer."""
    events = [OrderEvent(order=order, kind="placed", to_state=OrderState.PENDING, actor=customer, actor_role="customer", at=moment)]  # fmt: skip
    before: str = OrderState.PENDING
    for step in steps:
        if step.state == OrderState.CONFIRMED:
            actor, role = None, "system"
        elif step.state == OrderState.CANCELLED:
            actor, role = customer, "customer"
        else:
            actor, role = merchant.owner, "merchant"
        events.append(
            OrderEvent(order=order, kind="state", from_state=before, to_state=step.state, actor=actor, actor_role=role, at=step.at)
        )  # fmt: skip
        before = step.state
    return events


def _write(placed: Sequence[Placed]) -> None:
    Order.objects.bulk_create([each.order for each in placed], batch_size=1000)
    Fulfilment.objects.bulk_create([each.part for each in placed], batch_size=1000)
    for each in placed:
        for line in each.lines:
            line.fulfilment = each.part
        for event in each.events[1:]:
            # "placed" and what the system confirmed belong to the order, steps to their part
            event.fulfilment = each.part if event.actor_role != "system" else None
    OrderLine.objects.bulk_create([line for each in placed for line in each.lines], batch_size=2000)
    OrderEvent.objects.bulk_create([event for each in placed for event in each.events], batch_size=2000)
    _write_sales(placed)


def _write_sales(placed: Sequence[Placed]) -> None:
    """Units sold leave the shelves they came from: what all of them took was delivered the day before the first."""
    sold = [each for each in placed if each.order.state not in CALLED_OFF]
    variants = {line.variant_id for each in sold for line in each.lines}
    levels = {
        (each.variant_id, each.branch_id): each for each in StockLevel.objects.filter(variant__in=variants)
    }
    delivered: dict[int, int] = defaultdict(int)
    sales, reservations = [], []
    for each in sold:
        for line in each.lines:
            level, moment = levels[line.variant_id, each.part.branch_id], each.order.placed_at
            delivered[level.pk] += line.quantity
            sales.append(
                StockMovement(level=level, kind=MovementKind.SALE, quantity=-line.quantity, order_id=each.order.pk, created_at=moment)
            )  # fmt: skip
            reservations.append(
                Reservation(level=level, order_id=each.order.pk, quantity=line.quantity, state=ReservationState.COMMITTED, created_at=moment)
            )  # fmt: skip
    before = min((each.order.placed_at for each in sold), default=None)
    deliveries = [
        StockMovement(level_id=pk, kind=MovementKind.RECEIVE, quantity=units, reason="delivery", created_at=before and before - timedelta(days=1))
        for pk, units in sorted(delivered.items())
    ]  # fmt: skip
    StockMovement.objects.bulk_create([*deliveries, *sales], batch_size=5000)
    Reservation.objects.bulk_create(reservations, batch_size=5000)
