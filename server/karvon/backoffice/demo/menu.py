"""The restaurant's menu: dishes in four languages, prices in so'm, and the questions asked about them.

Price levels follow a menu published by a Tashkent chain; the dishes' names are generic.
"""

from __future__ import annotations

from typing import NamedTuple

from karvon.backoffice.demo.texts import Text, fill


class Dish(NamedTuple):
    category: str
    slug: str
    name: Text
    description: Text
    price: int
    picture: str
    questions: tuple[str, ...] = ()


class Question(NamedTuple):
    slug: str
    name: Text
    min_picks: int
    max_picks: int
    answers: tuple[tuple[Text, int], ...]


class Filling(NamedTuple):
    slug: str
    name: Text  # as it stands after "with" in each language, before the dish in Uzbek
    extra: int


FILLINGS = (
    Filling("chicken", Text("Tovuqli", "с курицей", "chicken", "بالدجاج"), 0),
    Filling("beef", Text("Mol go‘shtli", "с говядиной", "beef", "باللحم البقري"), 3000),
    Filling(
        "chicken-cheese",
        Text("Tovuq va pishloqli", "с курицей и сыром", "chicken and cheese", "بالدجاج والجبن"),
        3000,
    ),
    Filling(
        "beef-cheese",
        Text("Mol go‘shti va pishloqli", "с говядиной и сыром", "beef and cheese", "باللحم والجبن"),
        5000,
    ),
    Filling(
        "spicy-chicken", Text("Achchiq tovuqli", "острый с курицей", "spicy chicken", "بالدجاج الحار"), 2000
    ),
    Filling(
        "spicy-beef", Text("Achchiq mol go‘shtli", "острый с говядиной", "spicy beef", "باللحم الحار"), 4000
    ),
)


class Base(NamedTuple):
    category: str
    slug: str
    name: Text
    price: int
    picture: str
    questions: tuple[str, ...]


WITH_FILLING = (
    Base(
        "lavash",
        "lavash",
        Text("lavash", "Лаваш", "lavash", "لافاش"),
        24000,
        "food--burrito",
        ("size", "sauces", "extras"),
    ),
    Base(
        "lavash",
        "tortilla-roll",
        Text("tortilya-roll", "Тортилья-ролл", "tortilla roll", "رول تورتيلا"),
        23000,
        "food--taco",
        ("sauces", "extras"),
    ),
    Base(
        "burgers",
        "burger",
        Text("burger", "Бургер", "burger", "برغر"),
        26000,
        "food--hamburger",
        ("sauces", "extras", "doneness"),
    ),
    Base(
        "burgers",
        "double-burger",
        Text("qo‘sh burger", "Двойной бургер", "double burger", "برغر مزدوج"),
        36000,
        "food--hamburger",
        ("sauces", "extras", "doneness"),
    ),
    Base(
        "doner",
        "doner",
        Text("doner", "Донер", "doner", "دونر"),
        25000,
        "food--stuffed-flatbread",
        ("size", "sauces", "extras"),
    ),
    Base(
        "doner",
        "shawarma",
        Text("shaurma", "Шаурма", "shawarma", "شاورما"),
        23000,
        "food--stuffed-flatbread",
        ("size", "sauces", "extras"),
    ),
    Base(
        "snacks",
        "sandwich",
        Text("sendvich", "Сэндвич", "sandwich", "ساندويتش"),
        19000,
        "food--sandwich",
        ("sauces",),
    ),
)

DESCRIPTION = Text(
    "{filling} bo‘lakchalari, pishgan pomidor, barra bodring va uy sousi. Buyurtmadan keyin tayyorlanadi.",
    "Начинка {filling}, спелые помидоры, хрустящие огурцы и домашний соус. Готовим после заказа.",
    "Made to order with a {filling} filling, ripe tomatoes, crisp cucumber and our house sauce.",
    "حشوة {filling} مع طماطم ناضجة وخيار مقرمش وصلصة البيت. تُحضّر عند الطلب.",
)

# category, slug, price, picture, questions, then the four names
SINGLE = (
    (
        "pizza",
        "margherita",
        45000,
        "food--pizza",
        ("pizza-size", "extras"),
        "Margarita pitsa",
        "Пицца Маргарита",
        "Margherita pizza",
        "بيتزا مارغريتا",
    ),
    (
        "pizza",
        "pepperoni",
        55000,
        "food--pizza",
        ("pizza-size", "extras"),
        "Pepperoni pitsa",
        "Пицца Пепперони",
        "Pepperoni pizza",
        "بيتزا بيبروني",
    ),
    (
        "pizza",
        "four-cheeses",
        59000,
        "food--pizza",
        ("pizza-size",),
        "To‘rt pishloqli pitsa",
        "Пицца Четыре сыра",
        "Four cheeses pizza",
        "بيتزا أربع أجبان",
    ),
    (
        "pizza",
        "mushroom-pizza",
        48000,
        "food--pizza",
        ("pizza-size", "extras"),
        "Qo‘ziqorinli pitsa",
        "Пицца с грибами",
        "Mushroom pizza",
        "بيتزا بالفطر",
    ),
    (
        "grill",
        "lamb-shashlik",
        22000,
        "food--skewer",
        ("sauces",),
        "Qo‘y go‘shtidan kabob",
        "Шашлык из баранины",
        "Lamb shashlik",
        "شيش لحم ضأن",
    ),
    (
        "grill",
        "beef-shashlik",
        20000,
        "food--skewer",
        ("sauces",),
        "Mol go‘shtidan kabob",
        "Шашлык из говядины",
        "Beef shashlik",
        "شيش لحم بقري",
    ),
    (
        "grill",
        "chicken-wings",
        32000,
        "food--poultry-leg",
        ("sauces",),
        "Tovuq qanotchalari",
        "Куриные крылышки",
        "Chicken wings",
        "أجنحة دجاج",
    ),
    (
        "grill",
        "minced-kebab",
        18000,
        "food--skewer",
        ("sauces",),
        "Qiyma kabob",
        "Люля-кебаб",
        "Minced kebab",
        "كباب مفروم",
    ),
    (
        "grill",
        "steak",
        89000,
        "food--cut-of-meat",
        ("doneness", "sauces"),
        "Mol go‘shtidan steyk",
        "Стейк из говядины",
        "Beef steak",
        "ستيك بقري",
    ),
    (
        "national",
        "osh",
        38000,
        "food--curry-rice",
        ("extras",),
        "To‘y oshi",
        "Плов праздничный",
        "Wedding plov",
        "أوش الأعراس",
    ),
    ("national", "manti", 30000, "food--dumpling", ("sauces",), "Manti", "Манты", "Manti dumplings", "مانتي"),
    ("national", "lagman", 34000, "food--spaghetti", (), "Lag‘mon", "Лагман", "Lagman noodles", "لغمان"),
    (
        "national",
        "somsa",
        12000,
        "food--croissant",
        (),
        "Tandir somsa",
        "Самса из тандыра",
        "Tandoor samsa",
        "سمبوسة التنور",
    ),
    ("national", "norin", 33000, "food--spaghetti", (), "Norin", "Нарын", "Norin", "نورين"),
    ("national", "dimlama", 36000, "food--pan-of-food", (), "Dimlama", "Димляма", "Dimlama stew", "ديملاما"),
    (
        "salads",
        "achichuk",
        14000,
        "food--green-salad",
        (),
        "Achchiq-chuchuk",
        "Ачичук",
        "Achichuk salad",
        "سلطة أتشيتشوك",
    ),
    (
        "salads",
        "caesar",
        34000,
        "food--green-salad",
        ("sauces",),
        "Sezar salati",
        "Салат Цезарь",
        "Caesar salad",
        "سلطة سيزر",
    ),
    (
        "salads",
        "greek",
        30000,
        "food--green-salad",
        (),
        "Yunon salati",
        "Греческий салат",
        "Greek salad",
        "سلطة يونانية",
    ),
    (
        "salads",
        "olivier",
        24000,
        "food--green-salad",
        (),
        "Olivye salati",
        "Салат Оливье",
        "Olivier salad",
        "سلطة أوليفييه",
    ),
    (
        "snacks",
        "french-fries",
        15000,
        "food--french-fries",
        ("size", "sauces"),
        "Fri kartoshkasi",
        "Картофель фри",
        "French fries",
        "بطاطس مقلية",
    ),
    (
        "snacks",
        "country-potatoes",
        17000,
        "food--french-fries",
        ("size", "sauces"),
        "Qishloqcha kartoshka",
        "Картофель по-деревенски",
        "Country potatoes",
        "بطاطس ريفية",
    ),
    (
        "snacks",
        "nuggets",
        21000,
        "food--poultry-leg",
        ("sauces",),
        "Naggetslar",
        "Наггетсы",
        "Nuggets",
        "ناغتس",
    ),
    (
        "snacks",
        "cheese-sticks",
        22000,
        "food--bread",
        ("sauces",),
        "Pishloqli tayoqchalar",
        "Сырные палочки",
        "Cheese sticks",
        "أصابع الجبن",
    ),
    ("snacks", "hot-dog", 16000, "food--hot-dog", ("sauces",), "Xot-dog", "Хот-дог", "Hot dog", "هوت دوغ"),
    (
        "snacks",
        "flatbread",
        5000,
        "food--flatbread",
        (),
        "Tandir non",
        "Лепёшка из тандыра",
        "Tandoor bread",
        "خبز التنور",
    ),
    (
        "soups",
        "mastava",
        26000,
        "food--pot-of-food",
        (),
        "Mastava",
        "Мастава",
        "Mastava soup",
        "شوربة ماستافا",
    ),
    ("soups", "shurpa", 29000, "food--steaming-bowl", (), "Sho‘rva", "Шурпа", "Shurpa", "شوربا"),
    (
        "soups",
        "lentil-soup",
        22000,
        "food--steaming-bowl",
        (),
        "Yasmiq sho‘rva",
        "Чечевичный суп",
        "Lentil soup",
        "شوربة عدس",
    ),
    (
        "soups",
        "chicken-noodle",
        23000,
        "food--steaming-bowl",
        (),
        "Tovuqli ugra",
        "Куриная лапша",
        "Chicken noodle soup",
        "شوربة دجاج بالشعيرية",
    ),
    (
        "desserts",
        "medovik",
        22000,
        "food--cake-slice",
        (),
        "Asal torti",
        "Медовик",
        "Honey cake",
        "كعكة العسل",
    ),
    (
        "desserts",
        "cheesecake",
        28000,
        "food--cake-slice",
        (),
        "Chizkeyk",
        "Чизкейк",
        "Cheesecake",
        "تشيز كيك",
    ),
    (
        "desserts",
        "napoleon",
        20000,
        "food--cake-slice",
        (),
        "Napoleon torti",
        "Торт Наполеон",
        "Napoleon cake",
        "كعكة نابليون",
    ),
    (
        "desserts",
        "chocolate-doughnut",
        12000,
        "food--doughnut",
        (),
        "Shokoladli donat",
        "Пончик с шоколадом",
        "Chocolate doughnut",
        "دونات بالشوكولاتة",
    ),
    (
        "desserts",
        "ice-cream",
        14000,
        "food--ice-cream",
        ("ice-cream",),
        "Muzqaymoq",
        "Мороженое",
        "Ice cream",
        "آيس كريم",
    ),
    (
        "desserts",
        "pancakes",
        19000,
        "food--pancakes",
        ("ice-cream",),
        "Quymoq",
        "Блинчики",
        "Pancakes",
        "فطائر",
    ),
    ("desserts", "waffles", 24000, "food--waffle", ("ice-cream",), "Vafli", "Вафли", "Waffles", "وافل"),
    (
        "hot-drinks",
        "green-tea",
        6000,
        "drink--tea",
        ("sugar",),
        "Ko‘k choy",
        "Зелёный чай",
        "Green tea",
        "شاي أخضر",
    ),
    (
        "hot-drinks",
        "black-tea",
        6000,
        "drink--teapot",
        ("sugar",),
        "Qora choy",
        "Чёрный чай",
        "Black tea",
        "شاي أسود",
    ),
    (
        "hot-drinks",
        "lemon-tea",
        10000,
        "drink--tea",
        ("sugar",),
        "Limonli choy",
        "Чай с лимоном",
        "Lemon tea",
        "شاي بالليمون",
    ),
    (
        "hot-drinks",
        "espresso",
        14000,
        "drink--hot-beverage",
        ("sugar",),
        "Espresso",
        "Эспрессо",
        "Espresso",
        "إسبريسو",
    ),
    (
        "hot-drinks",
        "cappuccino",
        20000,
        "drink--hot-beverage",
        ("milk", "sugar"),
        "Kapuchino",
        "Капучино",
        "Cappuccino",
        "كابتشينو",
    ),
    (
        "hot-drinks",
        "latte",
        22000,
        "drink--hot-beverage",
        ("milk", "sugar"),
        "Latte",
        "Латте",
        "Latte",
        "لاتيه",
    ),
    ("cold-drinks", "cola", 9000, "drink--cup-with-straw", ("drink-size",), "Kola", "Кола", "Cola", "كولا"),
    (
        "cold-drinks",
        "orange-juice",
        16000,
        "drink--juice-box",
        ("drink-size",),
        "Apelsin sharbati",
        "Апельсиновый сок",
        "Orange juice",
        "عصير برتقال",
    ),
    (
        "cold-drinks",
        "pomegranate-juice",
        25000,
        "drink--juice-box",
        ("drink-size",),
        "Anor sharbati",
        "Гранатовый сок",
        "Pomegranate juice",
        "عصير رمان",
    ),
    ("cold-drinks", "ayran", 8000, "drink--milk", (), "Ayron", "Айран", "Ayran", "عيران"),
    (
        "cold-drinks",
        "mint-lemonade",
        18000,
        "drink--cup-with-straw",
        ("drink-size",),
        "Yalpizli limonad",
        "Мятный лимонад",
        "Mint lemonade",
        "ليموناضة بالنعناع",
    ),
    ("cold-drinks", "water", 4000, "drink--cup-with-straw", (), "Suv", "Вода", "Water", "ماء"),
)

SINGLE_DESCRIPTION = Text(
    "{name}: har kuni yangi mahsulotlardan tayyorlanadi va issiq holda yetkaziladi.",
    "{name}: готовим каждый день из свежих продуктов и бережно довозим.",
    "{name}: made every day from fresh ingredients and brought to you with care.",
    "{name}: يُحضّر يومياً من مكونات طازجة ويصلك بعناية.",
)


def _answers(*rows: tuple[str, str, str, str, int]) -> tuple[tuple[Text, int], ...]:
    return tuple((Text(*names), price) for *names, price in rows)


QUESTIONS = (
    Question(
        "size",
        Text("Hajmi", "Размер", "Size", "الحجم"),
        1,
        1,
        _answers(("Mini", "Мини", "Mini", "صغير", 0), ("Katta", "Большой", "Big", "كبير", 5000)),
    ),
    Question(
        "pizza-size",
        Text("Pitsa o‘lchami", "Размер пиццы", "Pizza size", "حجم البيتزا"),
        1,
        1,
        _answers(
            ("25 sm", "25 см", "25 cm", "25 سم", 0),
            ("30 sm", "30 см", "30 cm", "30 سم", 15000),
            ("35 sm", "35 см", "35 cm", "35 سم", 28000),
        ),
    ),
    Question(
        "drink-size",
        Text("Hajm", "Объём", "Volume", "السعة"),
        1,
        1,
        _answers(
            ("0,3 l", "0,3 л", "0.3 l", "0.3 لتر", 0),
            ("0,5 l", "0,5 л", "0.5 l", "0.5 لتر", 4000),
            ("1 l", "1 л", "1 l", "1 لتر", 9000),
        ),
    ),
    Question(
        "sauces",
        Text("Souslar", "Соусы", "Sauces", "صلصات"),
        0,
        3,
        _answers(
            ("Ketchup", "Кетчуп", "Ketchup", "كاتشب", 2000),
            ("Sarimsoqli", "Чесночный", "Garlic", "بالثوم", 3000),
            ("Pishloqli", "Сырный", "Cheese", "بالجبن", 3000),
            ("Achchiq", "Острый", "Hot", "حار", 2000),
        ),
    ),
    Question(
        "extras",
        Text("Qo‘shimchalar", "Добавки", "Extras", "إضافات"),
        0,
        4,
        _answers(
            ("Pishloq", "Сыр", "Cheese", "جبن", 5000),
            ("Xalapenyo", "Халапеньо", "Jalapeño", "هالبينو", 4000),
            ("Qo‘ziqorin", "Грибы", "Mushrooms", "فطر", 5000),
            ("Piyozsiz", "Без лука", "No onion", "بدون بصل", 0),
        ),
    ),
    Question(
        "doneness",
        Text("Qovurilish darajasi", "Прожарка", "Doneness", "درجة النضج"),
        1,
        1,
        _answers(("O‘rtacha", "Средняя", "Medium", "متوسط", 0), ("To‘liq", "Полная", "Well done", "ناضج", 0)),
    ),
    Question(
        "milk",
        Text("Sut", "Молоко", "Milk", "حليب"),
        1,
        1,
        _answers(("Oddiy", "Обычное", "Regular", "عادي", 0), ("Yulafli", "Овсяное", "Oat", "شوفان", 5000)),
    ),
    Question(
        "sugar",
        Text("Shakar", "Сахар", "Sugar", "سكر"),
        0,
        1,
        _answers(
            ("Shakarli", "С сахаром", "With sugar", "مع سكر", 0),
            ("Shakarsiz", "Без сахара", "No sugar", "بدون سكر", 0),
        ),
    ),
    Question(
        "ice-cream",
        Text("Ta’mi", "Вкус", "Flavour", "النكهة"),
        0,
        2,
        _answers(
            ("Vanilli", "Ваниль", "Vanilla", "فانيليا", 3000),
            ("Shokolad", "Шоколад", "Chocolate", "شوكولاتة", 3000),
            ("Qulupnay", "Клубника", "Strawberry", "فراولة", 3000),
        ),
    ),
)


def _name(base: Base, filling: Filling) -> Text:
    noun_last = f"{filling.name.en} {base.name.en}"
    return Text(
        uz=f"{filling.name.uz} {base.name.uz}",
        ru=f"{base.name.ru} {filling.name.ru}",
        en=noun_last[0].upper() + noun_last[1:],
        ar=f"{base.name.ar} {filling.name.ar}",
    )


def dishes() -> list[Dish]:
    """All dishes, the composed ones first; prices in so'm."""
    menu = [
        Dish(
            category=base.category,
            slug=f"{filling.slug}-{base.slug}",
            name=_name(base, filling),
            description=fill(DESCRIPTION, filling=filling.name),
            price=base.price + filling.extra,
            picture=base.picture,
            questions=base.questions,
        )
        for base in WITH_FILLING
        for filling in FILLINGS
    ]
    for category, slug, price, picture, questions, *names in SINGLE:
        name = Text(*names)
        menu.append(
            Dish(category, slug, name, fill(SINGLE_DESCRIPTION, name=name), price, picture, questions)
        )
    return menu
