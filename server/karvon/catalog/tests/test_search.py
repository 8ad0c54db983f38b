"""Finding products whatever somebody types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from karvon.catalog import services
from karvon.catalog.inputs import ProductInput, ValueInput
from karvon.catalog.models import Product
from karvon.catalog.search.folding import fold
from karvon.catalog.search.queries import parse_search
from karvon.catalog.search.similar import count_mistakes
from karvon.catalog.search.suggesting import suggest
from karvon.catalog.tests.factories import (
    make_attribute,
    make_category,
    make_product,
    make_products,
    variant_input,
)
from karvon.catalog.window import WindowQuery, list_window, record_popularity
from karvon.media.tests.pictures import sample
from karvon.merchants.tests.factories import make_merchant

pytestmark = pytest.mark.django_db


def search(text: str, **given: Any) -> list[str]:
    """Titles in the order found."""
    words = parse_search(text)
    if words is None:
        return []
    page = list_window(WindowQuery(search=words, **given))
    assert page.count >= len(page.items)
    return [json.loads(each)["title"] for each in page.items]


class TestFolding:
    @pytest.mark.parametrize(
        "spelling",
        [
            "o‘zbek",
            "oʻzbek",
            "o'zbek",
            "o`zbek",
            "o’zbek",
            "oʼzbek",
            "O´ZBEK",
            "ўзбек",
            "ЎЗБЕК",
            "o＇zbek",
            "Oʹzbek",
        ],
        ids=ascii,
    )
    def test_every_apostrophe_and_both_scripts_of_uzbek(self, spelling: str) -> None:
        assert fold(spelling) == "ozbek"

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("g‘isht", "ғишт"), ("choy", "чой"), ("shashlik", "шашлик"), ("qozon", "қозон"), ("hayit", "ҳайит"),
            ("yangi yo‘l", "янги йўл"), ("café", "cafe"), ("Crème Brûlée", "creme brulee"), ("Łódź", "lodz"),
            ("مَطْعَم", "مطعم"), ("أحمد", "احمد"), ("قهوة", "قهوه"), ("كـــتاب", "كتاب"), ("٣", "3"), ("ｗｉｄｅ", "wide"),
            ("ёлка", "йолка"),
        ],
        ids=ascii,
    )  # fmt: skip
    def test_what_meets(self, first: str, second: str) -> None:
        assert fold(first) == fold(second) != ""

    @pytest.mark.parametrize("text", ["", "  ", "!?", "'", "_", "\x00", "🙂"])
    def test_nothing_to_look_for(self, text: str) -> None:
        assert (fold(text), parse_search(text)) == ("", None)


class TestFinding:
    def test_in_every_place_and_language(self) -> None:
        make_attribute("material", choices=("linen",))
        make_product(
            titles={"uz": "Ko‘ylak", "ru": "Рубашка", "en": "Shirt", "ar": "قميص"}, vendor="Weaver",
            category=make_category(names={"en": "Clothes", "ru": "Одежда"}), description="<p>Very cool</p>",
            tags=("Bestseller",), attributes=(ValueInput(code="material", value="linen"),),
            variants=(variant_input(sku="LS-100/M", titles={"en": "Medium"}),),
        )  # fmt: skip
        make_product("Lamp")

        for text in (
            "Ko'ylak", "кўйлак", "рубашка", "SHIRT", "قميص", "weaver", "clothes", "одежда", "cool", "bestseller",
            "linen", "medium", "ls-100/m", "shi", "shirt weaver linen",
        ):  # fmt: skip
            assert search(text) == ["Shirt"], text
        assert search("shirt lamp") == []

    def test_inflected_forms(self) -> None:
        make_product(titles={"en": "Running shoes", "ru": "Красные рубашки", "ar": "الكتب"})

        for text in ("shoe", "run", "красная рубашка", "рубашку", "كتب"):
            assert search(text) == ["Running shoes"], text

    def test_both_readings_of_a_letter(self) -> None:
        make_product(titles={"ru": "Мёд и ежевика", "en": "Honey"})

        for text in ("мед", "мёд", "myod", "med", "ежевика", "yejevika"):
            assert search(text) == ["Honey"], text

    def test_titles_first_then_what_is_in_stock(self) -> None:
        merchant = make_merchant()
        make_product("Told of", merchant=merchant, description="lamp lamp lamp lamp")
        make_product("Lamp sold out", merchant=merchant, variants=(variant_input(tracks_stock=True),))
        make_product("Lamp", merchant=merchant)

        assert search("lamp") == ["Lamp", "Lamp sold out", "Told of"]

    def test_a_sku_exactly_goes_before_those_that_begin_like_it(self) -> None:
        merchant = make_merchant()
        for number in (1, 10, 100, 11):
            product = make_product(
                f"P{number}", merchant=merchant, variants=(variant_input(sku=f"AB-{number}"),)
            )
            record_popularity({product.pk: number})

        assert search("ab-1")[0] == "P1"
        assert sorted(search("AB-1")) == ["P1", "P10", "P100", "P11"]
        assert search("ab-100") == ["P100"]

    def test_it_follows_changes(self) -> None:
        product = make_product("Lamp")

        services.update_product(
            product_id=product.pk, product=ProductInput(titles={"en": "Candle"}), actor=None
        )

        assert (search("candle"), search("lamp")) == (["Candle"], [])

    def test_hidden_ones_are_not_found(self) -> None:
        make_product("Lamp", state="draft")

        assert (search("lamp"), search("lemp"), suggest("lam", "en")) == ([], [], [])


class TestMisspelled:
    @pytest.fixture(autouse=True)
    def shop(self) -> None:
        merchant = make_merchant()
        for title in ("Chicken lavash", "Qovurilgan guruch", "Chocolate cake"):
            make_product(title, merchant=merchant)
        make_product(titles={"ru": "Шашлык из баранины", "en": "Mutton shashlik"}, merchant=merchant)

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("lavosh", "Chicken lavash"), ("chiken", "Chicken lavash"), ("chikcen lavsh", "Chicken lavash"),
            ("qovurlgan", "Qovurilgan guruch"), ("choclate", "Chocolate cake"), ("шашлик", "Mutton shashlik"),
            ("баранена", "Mutton shashlik"), ("shashlyk", "Mutton shashlik"), ("chocolate caek", "Chocolate cake"),
        ],
        ids=ascii,
    )  # fmt: skip
    def test_what_was_meant(self, typed: str, meant: str) -> None:
        assert search(typed) == [meant]

    @pytest.mark.parametrize("typed", ["zzzzqq", "xx", "12345678", "lakoste", "cha-cha"])
    def test_what_nothing_looks_like(self, typed: str) -> None:
        assert search(typed) == []

    def test_a_known_word_is_not_corrected(self) -> None:
        """Nothing of this kind here is an answer; something alike would not be."""
        assert search("lavash", rating_min=5) == []
        assert search("cake lavash") == []

    def test_the_count_is_of_what_was_meant(self) -> None:
        page = list_window(WindowQuery(search=parse_search("lavosh")))

        assert page.count == 1
        assert page.words is not None
        assert page.words.text == "lavash"

    @pytest.mark.parametrize(
        ("typed", "meant", "mistakes"),
        [("lavash", "lavash", 0), ("lavsh", "lavash", 1), ("lavassh", "lavash", 1), ("lavosh", "lavash", 1),
         ("laavsh", "lavash", 1), ("caek", "cake", 1), ("", "cake", 4), ("cake", "", 4), ("abc", "cab", 2)],
    )  # fmt: skip
    def test_mistakes_are_counted(self, typed: str, meant: str, mistakes: int) -> None:
        assert count_mistakes(typed, meant) == mistakes


class TestSuggesting:
    @pytest.fixture(autouse=True)
    def shop(self) -> None:
        merchant = make_merchant(default_language="en")
        for place, title in enumerate(("Green tea", "Tea pot", "Teapot lid", "Steak")):
            record_popularity({make_product(title, merchant=merchant).pk: place})
        make_product(titles={"uz": "Choy", "ru": "Чай", "en": "Black brew"}, merchant=merchant)

    def test_beginnings_of_titles_then_of_words(self) -> None:
        assert [each["text"] for each in suggest("tea", "en")] == ["Teapot lid", "Tea pot", "Green tea"]
        assert [each["text"] for each in suggest("Tea p", "en")] == ["Tea pot"]

    def test_their_shape_and_language(self) -> None:
        product = Product.objects.get(title_en="Black brew")

        assert suggest("чо", "ru") == [
            {"type": "product", "id": product.pk, "slug": product.slug, "text": "Чай"}
        ]
        assert suggest("choy", "ar")[0]["text"] == "Black brew"

    def test_misspelled(self) -> None:
        assert [each["text"] for each in suggest("staek", "en")] == ["Steak"]

    @pytest.mark.parametrize("typed", ["", " ", "t", "%", "__", "\\", "'", "\x00\x00", "zzzzqq"])
    def test_nothing_to_suggest(self, typed: str) -> None:
        assert suggest(typed, "en") == []

    def test_so_many(self) -> None:
        make_products(12, title="Teabag")

        assert len(suggest("teabag", "en")) == 8
        assert len(suggest("teabag", "en", limit=3)) == 3


class TestRealMenus:
    @pytest.fixture
    def menu(self) -> None:
        """A chain's menu in Uzbek and Russian, as its bot had it."""
        path: Path = sample("menus/evos_uz_ru_menu.json")
        merchant = make_merchant(default_language="uz")
        for section in json.loads(path.read_text())["sections"]:
            category = make_category(names={"uz": section["name_uz"], "ru": section["name_ru"]})
            for item in section["items"]:
                titles = {"uz": item["name_uz"], "ru": item["name_ru"]}
                make_product(
                    titles={language: text for language, text in titles.items() if text},
                    merchant=merchant,
                    category=category,
                )

    def test_by_either_language_script_and_apostrophe(self, menu: None) -> None:
        by_uzbek = set(search("tovuq lavash", language="uz", limit=100))

        assert by_uzbek
        assert set(search("товуқ лаваш", language="uz", limit=100)) == by_uzbek
        for text in ("go'shtidan", "go‘shtidan", "go`shtidan", "гўштидан"):
            assert set(search(text, language="uz", limit=100)) >= by_uzbek, text
        assert set(search("лаваш с курицей", language="uz", limit=100)) & by_uzbek
        assert set(search("lavsh", language="uz", limit=100)) >= by_uzbek, "misspelled"
