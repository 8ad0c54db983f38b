"""Who lives in the town: the demo accounts, the shops' people, and the customers with their addresses."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from django.contrib.auth.hashers import make_password

from karvon.accounts.models import Address, Role, User
from karvon.catalog.models import Favourite, Variant

PASSWORD = "karvon-demo"  # noqa: S105 - printed on the demo's banner
FIRST = ("Aziz", "Dilnoza", "Jasur", "Malika", "Rustam", "Nigora", "Timur", "Zarina", "Bekzod", "Kamola", "Otabek", "Sevara")  # fmt: skip
LAST = ("Karimov", "Rahimova", "Yusupov", "Saidova", "Nazarov", "Ergasheva", "Tursunov", "Olimova")
STREETS = (
    "Amir Temur",
    "Navoiy",
    "Mustaqillik",
    "Bobur",
    "Shota Rustaveli",
    "Nukus",
    "Bunyodkor",
    "Farg‘ona yo‘li",
)
# around the middle of Tashkent, in degrees
LATITUDE, LONGITUDE, SPREAD = 41.3111, 69.2797, 0.06
STAFF = (
    ("admin", Role.ADMIN), ("merchant", Role.MERCHANT), ("staff", Role.STAFF), ("courier", Role.COURIER),
    ("electronics", Role.MERCHANT), ("clothes", Role.MERCHANT), ("cook", Role.MERCHANT_STAFF),
    ("cashier", Role.MERCHANT_STAFF), ("books", Role.MERCHANT), ("antiques", Role.MERCHANT),
)  # fmt: skip


def make_people(random: Random, *, customers: int) -> list[User]:
    """The accounts of the banner and the shops' people, then `customers` customers; the first of them is `customer`."""
    password = make_password(PASSWORD)
    rows = [
        User(username=name, email=f"{name}@karvon.example", role=role, is_superuser=role == Role.ADMIN, password=password,
             first_name=name.title(), is_email_verified=True)
        for name, role in STAFF
    ]  # fmt: skip
    rows.append(
        User(username="customer", email="customer@karvon.example", role=Role.CUSTOMER, password=password, first_name="Kamron",
             last_name="Karvonov", phone="+998901234567", language="en", is_email_verified=True)
    )  # fmt: skip
    rows += [_customer(number, random, password) for number in range(customers - 1)]
    people = User.objects.bulk_create(rows)
    _give_addresses([person for person in people if person.role == Role.CUSTOMER], random)
    return people


def add_customers(random: Random, *, count: int, first: int, password: str | None) -> list[User]:
    """`count` more customers with addresses, numbered from `first` on; without a password nobody logs in as them."""
    hashed = make_password(password)
    people = User.objects.bulk_create(
        (_customer(number, random, hashed) for number in range(first, first + count)), batch_size=2000
    )
    _give_addresses(people, random)
    return people


def next_customer() -> int:
    """A number that no customer of ours has yet, nor a higher one: they are only ever added."""
    numbered = User.objects.filter(email__iregex=r"\.[0-9]+@example\.com$").values_list("email", flat=True)
    return max((int(email.split("@")[0].rpartition(".")[2]) for email in numbered), default=-1) + 1


def _customer(number: int, random: Random, password: str) -> User:
    first, last = random.choice(FIRST), random.choice(LAST)
    return User(
        username=f"{first}.{last}.{number}".lower(), email=f"{first}.{last}.{number}@example.com".lower(), role=Role.CUSTOMER,
        phone=f"+9989{1_000_000 + number * 37:08d}", first_name=first, last_name=last, password=password,
        language=random.choices(("uz", "ru", "en", "ar"), (5, 3, 1, 1))[0],
    )  # fmt: skip


def _give_addresses(customers: Sequence[User], random: Random) -> None:
    """A home for everybody, and a second place for every fourth."""
    rows = []
    for number, person in enumerate(customers):
        for label in ("Home", "Work")[: 1 if number % 4 else 2]:
            rows.append(
                Address(user=person, label=label, recipient=person.full_name, phone=person.phone or "",
                        line1=f"{random.choice(STREETS)} {random.randrange(1, 120)}", city="Tashkent",
                        latitude=round(LATITUDE + random.uniform(-SPREAD, SPREAD), 6),
                        longitude=round(LONGITUDE + random.uniform(-SPREAD, SPREAD), 6), is_default=label == "Home")
            )  # fmt: skip
    Address.objects.bulk_create(rows)


def give_favourites(customers: Sequence[User], variants: Sequence[Variant], random: Random) -> None:
    """What people have marked for later: half a dozen for the demo customer, a few here and there."""
    products = sorted({variant.product_id for variant in variants})
    rows = []
    for number, person in enumerate(customers):
        count = 0 if number % 3 else random.randrange(1, 4)
        chosen = random.sample(products, k=min(6 if number == 0 else count, len(products)))
        rows += [Favourite(user=person, product_id=pk) for pk in chosen]
    Favourite.objects.bulk_create(rows)
