"""Ninety days of orders with the shape of weeks and meal times, and what buyers said afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from karvon.accounts.models import User
from karvon.catalog.models import Product, Variant
from karvon.inventory.models import MovementKind, Reservation, ReservationState, StockLevel, StockMovement
from karvon.kernel.ids import new_token
from karvon.merchants.models import Branch, Merchant, MerchantKind
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
from karvon.orders.numbers import ALPHABET
from karvon.reviews.models import Review

# how busy a day and an hour are; Monday first, hours in Tashkent
WEEK = (0.8, 0.8, 0.9, 1.0, 1.3, 1.5, 1.2)
HOURS = (1, 0, 0, 0, 0, 0, 0, 1, 3, 4, 4, 6, 10, 12, 9, 5, 4, 5, 8, 12, 13, 10, 6, 3)
TASHKENT = timedelta(hours=5)
OPINIONS = (
    (5, "Juda mazali, rahmat!"), (5, "Всё отлично, быстро привезли."), (5, "Excellent, will order again."), (4, "Yaxshi."),
    (4, "Хорошо, но можно быстрее."), (5, "ممتاز جداً"), (3, "It was fine."), (2, "Не понравилось."), (4, "Good value."),
)  # fmt: skip


def write_orders(
    merchants: Sequence[tuple[Merchant, Sequence[Branch], Sequence[Variant]]],
    customers: Sequence[User],
    *,
    count: int,
    random: Random,
    now: datetime,
) -> None:
    """Delivered orders of the past, and a few of today in every state; stock and ledger agree with them."""
    moments = sorted(_moments(count, random, now))
    orders, parts, lines, events = [], [], [], []
    taken: dict[tuple[int, int, int], int] = defaultdict(int)
    for index, moment in enumerate(moments):
        merchant, branches, variants = random.choices(merchants, weights=(5, 2, 3))[0]
        branch = branches[random.randrange(len(branches))]
        order, part, own = _order(index, moment, merchant, branch, variants, customers, random, now)
        orders.append(order)
        parts.append(part)
        lines += own
        events += _events(order, moment)
        if order.state != OrderState.CANCELLED:
            for line in own:
                taken[(line.variant_id or 0, branch.pk, order.pk)] += line.quantity
    Order.objects.bulk_create(orders, batch_size=1000)
    for part, order in zip(Fulfilment.objects.bulk_create(parts, batch_size=1000), orders, strict=True):
        order.part = part  # type: ignore[attr-defined]
    for line in lines:
        line.fulfilment = line.order.part  # type: ignore[attr-defined]
    OrderLine.objects.bulk_create(lines, batch_size=2000)
    OrderEvent.objects.bulk_create(events, batch_size=2000)
    _write_sales(taken)


def _moments(count: int, random: Random, now: datetime) -> list[datetime]:
    today = (now + TASHKENT).replace(hour=0, minute=0, second=0, microsecond=0) - TASHKENT
    days = [today - timedelta(days=back) for back in range(90)]
    weights = [WEEK[(day + TASHKENT).weekday()] for day in days]
    found = []
    for day in random.choices(days, weights, k=count):
        hour = random.choices(range(24), HOURS)[0]
        moment = day + timedelta(hours=hour, minutes=random.randrange(60), seconds=random.randrange(60))
        found.append(min(moment, now - timedelta(minutes=random.randrange(2, 90))))
    return found


def _order(
    index: int,
    moment: datetime,
    merchant: Merchant,
    branch: Branch,
    variants: Sequence[Variant],
    customers: Sequence[User],
    random: Random,
    now: datetime,
) -> tuple[Order, Fulfilment, list[OrderLine]]:
    customer = customers[int(random.triangular(0, len(customers), 0)) % len(customers)]
    picked = random.sample(variants, k=min(len(variants), random.choices((1, 2, 3, 4), (4, 4, 2, 1))[0]))
    units = [random.choices((1, 2, 3), (7, 2, 1))[0] for _ in picked]
    subtotal = sum((variant.price * n for variant, n in zip(picked, units, strict=True)), Decimal(0))
    fee = (
        Decimal(0)
        if branch.free_delivery_from and subtotal >= branch.free_delivery_from
        else branch.delivery_fee
    )
    state = _state(moment, now, random, merchant)
    day = (moment + TASHKENT).date()
    number = f"{day:%m%d}-" + "".join(random.choice(ALPHABET) for _ in range(5))
    is_paid = state == OrderState.DELIVERED
    amounts = {"subtotal": subtotal, "delivery_fee": fee, "total": subtotal + fee}
    order = Order(
        id=(int(moment.timestamp() * 1000) - 1_735_689_600_000 << 12) | (index % 4096),
        number=f"{number}{index % 1000:03d}",
        token=new_token(),
        customer=customer,
        contact_name=customer.full_name,
        contact_phone=customer.phone or "",
        contact_email=customer.email or "",
        state=state,
        payment_method=PaymentMethod.CASH,
        payment_state=PaymentState.PAID
        if is_paid
        else PaymentState.FAILED
        if state == OrderState.CANCELLED
        else PaymentState.PENDING,
        delivery_type=DeliveryType.DELIVERY,
        delivery_address={"line1": "Amir Temur 1", "city": "Tashkent", "country": "UZ"},
        language=customer.language,
        currency=merchant.currency,
        cart_key=f"demo:{index}",
        placed_at=moment,
        confirmed_at=moment,
        **amounts,
    )
    is_food = merchant.kind == MerchantKind.RESTAURANT
    part = Fulfilment(
        order=order,
        merchant=merchant,
        branch=branch,
        number=number,
        business_date=day,
        flow=FulfilmentFlow.FOOD_DELIVERY if is_food else FulfilmentFlow.RETAIL,
        state=state,
        placed_at=moment,
        paid_amount=amounts["total"] if is_paid else 0,
        **amounts,
    )
    lines = [
        _line(order, variant, n, place) for place, (variant, n) in enumerate(zip(picked, units, strict=True))
    ]
    return order, part, lines


def _line(order: Order, variant: Variant, quantity: int, position: int) -> OrderLine:
    title = getattr(variant.product, f"title_{order.language}") or variant.product.title_en
    total = variant.price * quantity
    return OrderLine(
        order=order, product_id=variant.product_id, variant=variant, title=title, sku=variant.sku, position=position,
        quantity=quantity, unit_price=variant.price, subtotal=total, total=total,
    )  # fmt: skip


def _state(moment: datetime, now: datetime, random: Random, merchant: Merchant) -> str:
    if random.random() < 0.04:
        return OrderState.CANCELLED
    if now - moment > timedelta(hours=6):
        return OrderState.DELIVERED
    if merchant.kind == MerchantKind.RESTAURANT:
        return random.choice(
            (OrderState.CONFIRMED, OrderState.PREPARING, OrderState.READY, OrderState.OUT_FOR_DELIVERY)
        )
    return random.choice((OrderState.CONFIRMED, OrderState.PACKED, OrderState.SHIPPED))


def _events(order: Order, moment: datetime) -> list[OrderEvent]:
    placed = OrderEvent(order=order, kind="placed", to_state="pending", actor_role="customer", at=moment)
    last = OrderEvent(
        order=order, kind="state", from_state="pending", to_state=order.state, actor_role="system", at=moment
    )
    return [placed, last]


def _write_sales(taken: dict[tuple[int, int, int], int]) -> None:
    """Units sold leave the shelves they came from: they are first added to the opening stock."""
    levels = {(each.variant_id, each.branch_id): each for each in StockLevel.objects.all().iterator()}
    opened: dict[int, int] = defaultdict(int)
    movements, reservations = [], []
    for (variant_id, branch_id, order_id), units in taken.items():
        level = levels[(variant_id, branch_id)]
        opened[level.pk] += units
        movements.append(
            StockMovement(level=level, kind=MovementKind.SALE, quantity=-units, order_id=order_id)
        )
        reservations.append(
            Reservation(level=level, order_id=order_id, quantity=units, state=ReservationState.COMMITTED)
        )
    movements += [
        StockMovement(level_id=pk, kind=MovementKind.RECEIVE, quantity=units, reason="delivery")
        for pk, units in opened.items()
    ]
    StockMovement.objects.bulk_create(movements, batch_size=5000)
    Reservation.objects.bulk_create(reservations, batch_size=5000)


def write_reviews(*, count: int, random: Random, now: datetime) -> None:
    """Verified reviews by buyers, and the ratings and sales figures that follow from them."""
    bought = list(
        OrderLine.objects.filter(order__state=OrderState.DELIVERED)
        .order_by("product_id", "order__customer_id")
        .distinct("product_id", "order__customer_id")
        .values_list("product_id", "order__customer_id")
    )
    reviews = []
    for product_id, customer_id in random.sample(bought, k=min(count, len(bought))):
        rating, comment = random.choice(OPINIONS)
        reviews.append(
            Review(product_id=product_id, user_id=customer_id, rating=rating, comment=comment, is_verified=True,
                   created_at=now - timedelta(days=random.randrange(60)))
        )  # fmt: skip
    Review.objects.bulk_create(reviews, batch_size=2000)
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for review in reviews:
        sums[review.product_id][0] += review.rating
        sums[review.product_id][1] += 1
    for product_id, quantity in OrderLine.objects.values_list("product_id", "quantity"):
        sums[product_id][2] += quantity
    products = list(Product.objects.filter(pk__in=sums))
    for product in products:
        product.rating_sum, product.reviews_count, product.sold_count = sums[product.pk]
    Product.objects.bulk_update(products, ["rating_sum", "reviews_count", "sold_count"], batch_size=1000)
