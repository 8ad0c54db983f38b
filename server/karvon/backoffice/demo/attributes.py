"""What tells goods apart: sizes, colours and the like, with their choices in four languages."""

from __future__ import annotations

from karvon.backoffice.demo.texts import Text
from karvon.catalog.models import Attribute, AttributeChoice

COLOURS = {
    "black": (Text("Qora", "Чёрный", "Black", "أسود"), "#111111"),
    "white": (Text("Oq", "Белый", "White", "أبيض"), "#ffffff"),
    "blue": (Text("Ko‘k", "Синий", "Blue", "أزرق"), "#1d4ed8"),
    "gray": (Text("Kulrang", "Серый", "Grey", "رمادي"), "#8a8f98"),
    "brown": (Text("Jigarrang", "Коричневый", "Brown", "بني"), "#7a4b2a"),
    "wood": (Text("Yog‘och", "Дерево", "Wood", "خشبي"), "#c8a06a"),
    "mustard": (Text("Xantal rang", "Горчичный", "Mustard", "خردلي"), "#d9a514"),
    "mint": (Text("Yalpiz rang", "Мятный", "Mint", "نعناعي"), "#98e2c6"),
    "pearl": (Text("Sadaf rang", "Жемчужный", "Pearl", "لؤلؤي"), "#f1ece2"),
}
PLACES = {
    "indoor": (Text("Xona", "Комнатное", "Indoor", "داخلي"), ""),
    "outdoor": (Text("Bog‘", "Садовое", "Outdoor", "خارجي"), ""),
}


def _plain(*labels: str) -> dict[str, tuple[Text, str]]:
    """Choices that read the same in every language."""
    return {label.lower().replace(" ", ""): (Text(*[label] * 4), "") for label in labels}


# code, name, type, choices {code: (label, colour)}, whether it tells variants apart
ATTRIBUTES = (
    ("size", Text("O‘lcham", "Размер", "Size", "المقاس"), "choice",
     _plain("S", "M", "L", "XL", "XXL") | {"one": (Text("Yagona", "Единый", "One size", "موحد"), "")}, True),
    ("shoe-size", Text("Poyabzal o‘lchami", "Размер обуви", "Shoe size", "مقاس الحذاء"), "choice",
     _plain(*map(str, range(38, 47))), True),
    ("cushion-size", Text("Yostiq o‘lchami", "Размер подушки", "Cushion size", "مقاس الوسادة"), "choice", {}, True),
    ("colour", Text("Rang", "Цвет", "Colour", "اللون"), "colour", COLOURS, True),
    ("memory", Text("Xotira", "Память", "Memory", "الذاكرة"), "choice", _plain("128 GB", "256 GB", "512 GB"), True),
    ("plant-type", Text("O‘simlik turi", "Вид растения", "Plant type", "نوع النبات"), "choice", PLACES, False),
)  # fmt: skip


def write_attributes() -> None:
    """All attributes and their choices."""
    for position, (code, name, kind, choices, is_option) in enumerate(ATTRIBUTES):
        attribute = Attribute.objects.create(
            code=code, type=kind, is_option=is_option, position=position, **name.columns("name")
        )
        AttributeChoice.objects.bulk_create(
            AttributeChoice(
                attribute=attribute, code=value, colour=colour, position=place, **label.columns("label")
            )
            for place, (value, (label, colour)) in enumerate(choices.items())
        )
