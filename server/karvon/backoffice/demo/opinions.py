"""What buyers said afterwards, and the figures of products that follow from orders and reviews."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from karvon.accounts.models import User
from karvon.backoffice.demo.texts import Text
from karvon.catalog.models import Product, ProductKind
from karvon.catalog.window.locks import lock_products
from karvon.merchants.models import Merchant
from karvon.orders.models import Order, OrderLine, OrderState
from karvon.reviews.models import Review

# how often each number of stars is given, and what is said with it
STARS = {5: 55, 4: 27, 3: 10, 2: 5, 1: 3}
OF_FOOD = {
    5: Text("Juda mazali, rahmat!", "Очень вкусно, привезли горячим.", "Delicious, and still hot on arrival.", "لذيذ جداً ووصل ساخناً."),
    4: Text("Mazali, porsiyasi katta.", "Вкусно, порция большая.", "Tasty, and a generous portion.", "طعام جيد وكمية كبيرة."),
    3: Text("Yomon emas.", "Неплохо, но ждали долго.", "Fine, though we waited a while.", "لا بأس لكنه تأخر قليلاً."),
    2: Text("Sovub qolgan edi.", "Приехало остывшим.", "It arrived cold.", "وصل بارداً."),
    1: Text("Buyurtmani adashtirishdi.", "Перепутали заказ.", "They mixed up the order.", "أخطؤوا في الطلب."),
}  # fmt: skip
OF_GOODS = {
    5: Text("A’lo sifat, tavsiya qilaman.", "Отличное качество, рекомендую.", "Excellent quality, I recommend it.", "جودة ممتازة، أنصح به."),
    4: Text("Narxiga arziydi.", "Стоит своих денег.", "Good value for money.", "قيمة جيدة مقابل السعر."),
    3: Text("O‘rtacha.", "Обычная вещь.", "It is all right.", "متوسط."),
    2: Text("Suratdagidan boshqacha.", "На фото выглядит иначе.", "Not quite what the picture shows.", "ليس كما في الصورة."),
    1: Text("Qaytarib berdim.", "Пришлось вернуть.", "I had to return it.", "اضطررت لإرجاعه."),
}  # fmt: skip
REPLY = Text("Fikringiz uchun rahmat!", "Спасибо за отзыв, мы разберёмся!", "Thank you, we will look into it.", "شكراً لملاحظتك!")  # fmt: skip


def write_reviews(
    *, share: float, random: Random, now: datetime, orders: Sequence[Order] | None = None
) -> None:
    """Verified reviews of a `share` of what was delivered; unhappy buyers mostly get an answer.

    Of these new `orders`, or of all where all are new; who has reviewed a product already does not do it again. Also
    counts the units sold.
    """
    lines = OrderLine.objects.all() if orders is None else OrderLine.objects.filter(order__in=orders)
    given = Review.objects.filter(product=OuterRef("product"), user=OuterRef("order__customer"))
    bought = (
        lines.filter(~Exists(given), order__state=OrderState.DELIVERED)
        .order_by("product_id", "order__customer_id", "order__placed_at")
        .distinct("product_id", "order__customer_id")
        .values_list("product_id", "order__customer_id", "order__placed_at")
    )
    chosen = [each for each in bought if random.random() < share]
    products = Product.objects.in_bulk({product_id for product_id, *_ in chosen})
    people = User.objects.in_bulk({customer_id for _, customer_id, _ in chosen})
    owners = dict(Merchant.objects.values_list("pk", "owner_id"))
    reviews = []
    for product_id, customer_id, placed in chosen:
        review = _review(products[product_id], people[customer_id], placed, random, now)
        if review.reply:
            review.replied_by_id = owners[products[product_id].merchant_id]
        reviews.append(review)
    Review.objects.bulk_create(sorted(reviews, key=lambda each: each.created_at), batch_size=2000)
    _add_figures(reviews, lines)


def _review(product: Product, person: User, placed: datetime, random: Random, now: datetime) -> Review:
    rating = random.choices(tuple(STARS), tuple(STARS.values()))[0]
    words = OF_FOOD if product.kind == ProductKind.FOOD else OF_GOODS
    language = person.language or "en"
    written = min(placed + timedelta(hours=random.uniform(2, 96)), now)
    is_answered = rating <= 3 and random.random() < 0.7
    return Review(
        product=product,
        user=person,
        rating=rating,
        comment=getattr(words[rating], language),
        is_verified=True,
        created_at=written,
        reply=getattr(REPLY, language) if is_answered else "",
        replied_at=min(written + timedelta(hours=random.uniform(1, 30)), now) if is_answered else None,
    )


_FIGURES = """
UPDATE catalog_product AS product
SET rating_sum = rating_sum + more.stars, reviews_count = reviews_count + more.count, sold_count = sold_count + more.units
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) AS more (id, stars, count, units)
WHERE product.id = more.id
"""


def _add_figures(reviews: Sequence[Review], lines: QuerySet[OrderLine]) -> None:
    """Ratings as sums of reviews, and units sold without those of orders that were called off."""
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for review in reviews:
        sums[review.product_id][0] += review.rating
        sums[review.product_id][1] += 1
    sold = lines.exclude(order__state__in=(OrderState.CANCELLED, OrderState.REJECTED))
    for product_id, quantity in sold.values_list("product_id", "quantity"):
        sums[product_id][2] += quantity
    lock_products(sums)
    if sums:
        with connection.cursor() as cursor:
            columns = [list(column) for column in zip(*sums.values(), strict=True)]
            cursor.execute(_FIGURES, [list(sums), *columns])
