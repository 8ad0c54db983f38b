"""The category tree: three levels, the names in four languages, a picture for each leaf."""

from __future__ import annotations

from typing import NamedTuple

from karvon.backoffice.demo.texts import Text


class Node(NamedTuple):
    slug: str
    name: Text
    children: tuple[Node, ...] = ()
    picture: str = ""


def _leaf(slug: str, picture: str, uz: str, ru: str, en: str, ar: str) -> Node:
    return Node(slug, Text(uz, ru, en, ar), picture=picture)


TREE: tuple[Node, ...] = (
    Node(
        "food",
        Text("Taomlar", "Еда", "Food", "طعام"),
        (
            Node(
                "mains",
                Text("Asosiy taomlar", "Основные блюда", "Mains", "أطباق رئيسية"),
                (
                    _leaf("lavash", "food--burrito", "Lavash", "Лаваш", "Lavash wraps", "لافاش"),
                    _leaf("burgers", "food--hamburger", "Burgerlar", "Бургеры", "Burgers", "برغر"),
                    _leaf("doner", "food--stuffed-flatbread", "Doner", "Донер", "Doner", "دونر"),
                    _leaf("pizza", "food--pizza", "Pitsa", "Пицца", "Pizza", "بيتزا"),
                    _leaf("grill", "food--skewer", "Kabob", "Шашлык", "Grill", "مشاوي"),
                    _leaf(
                        "national",
                        "food--curry-rice",
                        "Milliy taomlar",
                        "Национальная кухня",
                        "Uzbek kitchen",
                        "المطبخ الأوزبكي",
                    ),
                ),
            ),
            Node(
                "sides",
                Text("Yengil taomlar", "Закуски", "Sides", "مقبلات"),
                (
                    _leaf("salads", "food--green-salad", "Salatlar", "Салаты", "Salads", "سلطات"),
                    _leaf("snacks", "food--french-fries", "Gazaklar", "Снэки", "Snacks", "وجبات خفيفة"),
                    _leaf("soups", "food--steaming-bowl", "Sho‘rvalar", "Супы", "Soups", "شوربات"),
                ),
            ),
            Node(
                "sweets-and-drinks",
                Text("Shirinlik va ichimliklar", "Десерты и напитки", "Sweets and drinks", "حلويات ومشروبات"),
                (
                    _leaf("desserts", "food--cake-slice", "Shirinliklar", "Десерты", "Desserts", "حلويات"),
                    _leaf(
                        "hot-drinks",
                        "drink--hot-beverage",
                        "Issiq ichimliklar",
                        "Горячие напитки",
                        "Hot drinks",
                        "مشروبات ساخنة",
                    ),
                    _leaf(
                        "cold-drinks",
                        "drink--cup-with-straw",
                        "Sovuq ichimliklar",
                        "Холодные напитки",
                        "Cold drinks",
                        "مشروبات باردة",
                    ),
                ),
            ),
        ),
    ),
    Node(
        "electronics",
        Text("Elektronika", "Электроника", "Electronics", "إلكترونيات"),
        (
            Node(
                "computers-and-phones",
                Text(
                    "Kompyuter va telefonlar",
                    "Компьютеры и телефоны",
                    "Computers and phones",
                    "حواسيب وهواتف",
                ),
                (
                    _leaf(
                        "phones", "electronics--mobile-phone", "Smartfonlar", "Смартфоны", "Phones", "هواتف"
                    ),
                    _leaf(
                        "laptops", "electronics--laptop", "Noutbuklar", "Ноутбуки", "Laptops", "حواسيب محمولة"
                    ),
                    _leaf(
                        "keyboards",
                        "electronics--keyboard",
                        "Klaviaturalar",
                        "Клавиатуры",
                        "Keyboards",
                        "لوحات مفاتيح",
                    ),
                    _leaf("mice", "electronics--computer-mouse", "Sichqonchalar", "Мыши", "Mice", "فأرات"),
                ),
            ),
            Node(
                "sound-and-picture",
                Text("Ovoz va tasvir", "Звук и изображение", "Sound and picture", "صوت وصورة"),
                (
                    _leaf(
                        "headphones",
                        "electronics--headphone",
                        "Quloqchinlar",
                        "Наушники",
                        "Headphones",
                        "سماعات",
                    ),
                    _leaf(
                        "televisions",
                        "electronics--television",
                        "Televizorlar",
                        "Телевизоры",
                        "Televisions",
                        "تلفزيونات",
                    ),
                    _leaf("cameras", "electronics--camera", "Kameralar", "Камеры", "Cameras", "كاميرات"),
                    _leaf(
                        "watches",
                        "electronics--watch",
                        "Aqlli soatlar",
                        "Умные часы",
                        "Smart watches",
                        "ساعات ذكية",
                    ),
                ),
            ),
            Node(
                "appliances",
                Text("Maishiy texnika", "Бытовая техника", "Appliances", "أجهزة منزلية"),
                (
                    _leaf(
                        "kitchen-appliances",
                        "",
                        "Oshxona texnikasi",
                        "Техника для кухни",
                        "Kitchen appliances",
                        "أجهزة المطبخ",
                    ),
                    _leaf("cleaning", "", "Tozalash", "Уборка", "Cleaning", "تنظيف"),
                    _leaf(
                        "personal-care",
                        "",
                        "Shaxsiy parvarish",
                        "Личный уход",
                        "Personal care",
                        "عناية شخصية",
                    ),
                ),
            ),
        ),
    ),
    Node(
        "fashion-and-home",
        Text("Kiyim va uy", "Одежда и дом", "Fashion and home", "أزياء ومنزل"),
        (
            Node(
                "clothes",
                Text("Kiyimlar", "Одежда", "Clothes", "ملابس"),
                (
                    _leaf(
                        "t-shirts", "home-fashion--t-shirt", "Futbolkalar", "Футболки", "T-shirts", "قمصان"
                    ),
                    _leaf(
                        "polo-shirts", "home-fashion--t-shirt", "Polo", "Поло", "Polo shirts", "قمصان بولو"
                    ),
                    _leaf("hoodies", "home-fashion--coat", "Xudilar", "Худи", "Hoodies", "هوديات"),
                ),
            ),
            Node(
                "shoes-and-sport",
                Text("Poyabzal va sport", "Обувь и спорт", "Shoes and sport", "أحذية ورياضة"),
                (
                    _leaf("shoes", "home-fashion--running-shoe", "Poyabzal", "Обувь", "Shoes", "أحذية"),
                    _leaf("sport", "home-fashion--football", "Sport", "Спорт", "Sport", "رياضة"),
                ),
            ),
            Node(
                "home",
                Text("Uy uchun", "Для дома", "Home", "المنزل"),
                (
                    _leaf("furniture", "home-fashion--couch", "Mebel", "Мебель", "Furniture", "أثاث"),
                    _leaf(
                        "plants-and-decor",
                        "home-fashion--bouquet",
                        "O‘simlik va bezak",
                        "Растения и декор",
                        "Plants and decor",
                        "نباتات وديكور",
                    ),
                ),
            ),
        ),
    ),
)
