"""What products of a file point to: attributes, choices, tags, categories, modifier groups. Found, or made.

Each is looked up once per import. They are made before the products that need them and stay when those are
refused: a spare choice does no harm, and half a product would.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from karvon.catalog.exchange.rows import ParsedModifierGroup, ParsedProduct, ParsedValue, Texts
from karvon.catalog.inputs import ValueInput
from karvon.catalog.models import Attribute, AttributeType, Category, Modifier, ModifierGroup
from karvon.catalog.services.lookups import CatalogLookups
from karvon.catalog.slugs import free_slug
from karvon.catalog.texts import all_texts, columns
from karvon.kernel.db import transactional
from karvon.kernel.languages import LANGUAGES
from karvon.merchants.models import Merchant

DEEPEST: Final = 8
MOST_NEW_CATEGORIES: Final = 2000
_CATEGORY_LOCK: Final = 0x1A9048


class Resolver:
    """Serves one import, or one rolled-back piece of a dry run."""

    def __init__(self, merchant: Merchant, language: str) -> None:
        self._lookups = CatalogLookups()
        self._categories = CategoryTree(language)
        self._groups = ModifierGroups(merchant)

    def prepare(self, product: ParsedProduct) -> list[str]:
        """Make what the product needs and is not there yet; notes for the report.

        Raises ValidationFailed when a value does not fit its attribute.
        """
        for value in product.attributes or ():
            self.columns_of(value)
        for variant in product.variants:
            for value in variant.options:
                self.columns_of(value, is_option=True)
        self.tag_ids(product)
        self.group_ids(product)
        category_id, notes = self._categories.resolve(product.category_slug, product.category_path)
        return notes if category_id is None else []

    def columns_of(self, value: ParsedValue, *, is_option: bool = False) -> dict[str, Any]:
        """The columns of an attribute value row."""
        given = ValueInput(
            code=value.code,
            value=value.value,
            type=value.type,
            names=value.names,
            labels=value.labels,
            unit=value.unit,
            colour=value.colour,
            is_option=is_option,
        )
        attribute = self._lookups.attribute(given, creates=True)
        if attribute.type != value.type:
            given = _retyped(given, attribute)
        return self._lookups.columns_of(given, creates=True)

    def tag_ids(self, product: ParsedProduct) -> set[int] | None:
        return None if product.tags is None else {self._lookups.tag(name).pk for name in product.tags}

    def category_id(self, product: ParsedProduct) -> int | None:
        return self._categories.resolve(product.category_slug, product.category_path)[0]

    def group_ids(self, product: ParsedProduct) -> list[int] | None:
        if product.modifier_groups is None:
            return None
        return list(dict.fromkeys(self._groups.resolve(group) for group in product.modifier_groups))


def _retyped(given: ValueInput, attribute: Attribute) -> ValueInput:
    """A value for an attribute that the shop keeps as another type than the file: read again from its
    label.
    """
    label = next(iter(given.labels.values()), str(given.value))
    value: str | Decimal | bool = label
    if attribute.type == AttributeType.NUMBER:
        try:
            value = Decimal(label.removesuffix(attribute.unit).strip().replace(",", "."))
        except InvalidOperation:
            value = label
    elif attribute.type == AttributeType.BOOLEAN:
        value = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}.get(
            label.casefold(), label
        )
    elif attribute.type != AttributeType.TEXT:
        value = str(given.value)
    return ValueInput(
        code=given.code, value=value, type=attribute.type, names=given.names, labels=given.labels
    )


class CategoryTree:
    """The shop's tree by names and slugs. Missing branches are made if the shop allows it."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._made = 0
        self._by_slug: dict[str, int] = {}
        self._by_name: dict[tuple[int | None, str], int] = {}
        names = [f"name_{language}" for language in LANGUAGES]
        rows = Category.objects.order_by("-id").values_list("id", "parent_id", "slug", *names)
        for pk, parent_id, slug, *texts in rows:
            self._by_slug[slug] = pk
            for text in filter(None, texts):
                self._by_name[parent_id, _key(text)] = pk

    def resolve(self, slug: str, path: tuple[str, ...]) -> tuple[int | None, list[str]]:
        """The category's id by slug, or by names from the top; None with a note when it is not to be had."""
        if slug in self._by_slug:
            return self._by_slug[slug], []
        found: int | None = None
        for name in path[:DEEPEST]:
            inner = self._by_name.get((found, _key(name))) or self._make(found, name)
            if inner is None:
                return None, [_("category not in the shop: %(path)s") % {"path": " > ".join(path)[:200]}]
            found = inner
        return found, []

    def _make(self, parent_id: int | None, name: str) -> int | None:
        if not settings.KARVON_IMPORT_CREATES_CATEGORIES or self._made >= MOST_NEW_CATEGORIES:
            return None
        self._made += 1
        pk = make_category(parent_id=parent_id, name=name[:200], language=self._language)
        self._by_name[parent_id, _key(name)] = pk
        return pk


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


@transactional
def make_category(*, parent_id: int | None, name: str, language: str) -> int:
    """A category below `parent_id`; the one of this name that another import has just made is used."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_CATEGORY_LOCK, (parent_id or 0) % 2**31])
    siblings = Category.objects.filter(parent_id=parent_id).order_by("id")
    for sibling in siblings.filter(**{f"name_{language}__iexact": name}):
        return int(sibling.pk)
    category = Category(
        parent_id=parent_id,
        slug=free_slug(Category, name, fallback="category"),
        position=siblings.count(),
        **columns("name", {language: name}),
    )
    category.save()
    return int(category.pk)


_GroupKey = tuple[
    tuple[tuple[str, str], ...], int, int, tuple[tuple[tuple[tuple[str, str], ...], Decimal, bool], ...]
]


class ModifierGroups:
    """A merchant's modifier groups by all that they say: a group that reads the same is the same."""

    def __init__(self, merchant: Merchant) -> None:
        self._merchant = merchant
        self._known: dict[_GroupKey, int] | None = None

    def resolve(self, group: ParsedModifierGroup) -> int:
        key = _parsed_key(group)
        if self._known is None:
            self._known = self._load()
        if key not in self._known:
            self._known[key] = make_modifier_group(self._merchant, group)
        return self._known[key]

    def _load(self) -> dict[_GroupKey, int]:
        groups = (
            ModifierGroup.objects.filter(merchant=self._merchant)
            .order_by("-id")
            .prefetch_related("modifiers")
        )
        return {_stored_key(group): group.pk for group in groups}


def _names_key(names: Texts) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((language, text) for language, text in names.items() if text))


def _parsed_key(group: ParsedModifierGroup) -> _GroupKey:
    modifiers = tuple((_names_key(one.names), one.price_delta, one.is_active) for one in group.modifiers)
    return _names_key(group.names), group.min_picks, group.max_picks, modifiers


def _stored_key(group: ModifierGroup) -> _GroupKey:
    modifiers = tuple(
        (_names_key(all_texts(one, "name")), one.price_delta, one.is_active) for one in group.modifiers.all()
    )
    return _names_key(all_texts(group, "name")), group.min_picks, group.max_picks, modifiers


@transactional
def make_modifier_group(merchant: Merchant, group: ParsedModifierGroup) -> int:
    row = ModifierGroup(
        merchant=merchant,
        min_picks=group.min_picks,
        max_picks=group.max_picks,
        **columns("name", group.names),
    )
    row.save()
    Modifier.objects.bulk_create(
        Modifier(
            group=row,
            price_delta=one.price_delta,
            is_active=one.is_active,
            position=position,
            **columns("name", one.names),
        )
        for position, one in enumerate(group.modifiers)
    )
    return int(row.pk)
