"""Electronics: made-up brands and series, names in four languages, variants by colour or memory."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from karvon.backoffice.demo.texts import Text


class Good(NamedTuple):
    category: str
    slug: str
    name: Text
    vendor: str
    price: int
    picture: str
    option: str  # attribute code
    values: tuple[tuple[str, int], ...]  # (choice code, what it adds to the price)


class Kind(NamedTuple):
    category: str
    noun: Text
    low: int
    high: int
    picture: str
    option: str
    values: tuple[tuple[str, int], ...]


COLOURS = (("black", 0), ("white", 0), ("blue", 10_000))
MEMORY = (("128gb", 0), ("256gb", 900_000), ("512gb", 2_100_000))
ONE = (("one", 0),)
E = "electronics--"

ELECTRONICS = (
    Kind("phones", Text("smartfon", "Смартфон", "phone", "هاتف"), 1_800_000, 14_000_000, E + "mobile-phone", "memory", MEMORY),
    Kind("laptops", Text("noutbuk", "Ноутбук", "laptop", "حاسوب"), 5_000_000, 24_000_000, E + "laptop", "memory", MEMORY),
    Kind("keyboards", Text("klaviatura", "Клавиатура", "keyboard", "لوحة مفاتيح"), 150_000, 1_800_000, E + "keyboard", "colour", COLOURS),
    Kind("mice", Text("sichqoncha", "Мышь", "mouse", "فأرة"), 60_000, 900_000, E + "computer-mouse", "colour", COLOURS),
    Kind("headphones", Text("quloqchin", "Наушники", "headphones", "سماعات"), 120_000, 4_500_000, E + "headphone", "colour", COLOURS),
    Kind("televisions", Text("televizor", "Телевизор", "television", "تلفزيون"), 2_500_000, 30_000_000, E + "television", "size", ONE),
    Kind("cameras", Text("kamera", "Камера", "camera", "كاميرا"), 1_500_000, 22_000_000, E + "camera", "colour", COLOURS[:2]),
    Kind("watches", Text("aqlli soat", "Умные часы", "smart watch", "ساعة ذكية"), 400_000, 6_000_000, E + "watch", "colour", COLOURS),
    Kind("kitchen-appliances", Text("choynak", "Чайник", "electric kettle", "غلاية"), 200_000, 900_000, "electric-kettle-1-7l", "colour", COLOURS[:2]),
    Kind("kitchen-appliances", Text("qahva mashinasi", "Кофемашина", "espresso machine", "آلة قهوة"), 1_900_000, 9_000_000, "automatic-espresso-machine", "colour", COLOURS[:2]),
    Kind("kitchen-appliances", Text("toster", "Тостер", "toaster", "محمصة"), 250_000, 1_100_000, "2-slice-toaster", "colour", COLOURS[:2]),
    Kind("cleaning", Text("changyutgich", "Пылесос", "cordless vacuum", "مكنسة"), 900_000, 5_500_000, "cordless-stick-vacuum-18v", "colour", COLOURS[:2]),
    Kind("personal-care", Text("trimmer", "Триммер", "beard trimmer", "ماكينة حلاقة"), 150_000, 900_000, "beard-trimmer-3000", "colour", COLOURS[:2]),
)  # fmt: skip
ELECTRONICS_BRANDS = ("Sirdaryo", "Novex", "Timur Tech", "Lumio", "Qamar", "Volta")
SERIES = ("Air", "Prime", "Classic", "Neo", "Lite", "Pro", "Max", "Urban", "Terra", "Nova", "Zed", "Aura")


def build_goods(
    kinds: tuple[Kind, ...], brands: tuple[str, ...], count: int, random: Random, *, first: int = 0
) -> Iterator[Good]:
    """`count` products, evenly over the kinds; the number in a name, from `first` on, keeps slugs apart at any scale."""
    for number in range(first, first + count):
        kind = kinds[number % len(kinds)]
        brand = brands[random.randrange(len(brands))]
        model = f"{SERIES[random.randrange(len(SERIES))]} {number // len(kinds) + 1}"
        name = Text(
            uz=f"{brand} {model} {kind.noun.uz}",
            ru=f"{kind.noun.ru} {brand} {model}",
            en=f"{brand} {model} {kind.noun.en}",
            ar=f"{kind.noun.ar} {brand} {model}",
        )
        slug = f"{kind.category}-{brand}-{model}-{number}".lower().replace(" ", "-")
        price = round(random.uniform(kind.low, kind.high), -3)
        yield Good(kind.category, slug, name, brand, int(price), kind.picture, kind.option, kind.values)
