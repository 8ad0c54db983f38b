"""What the catalogue's endpoints take and give."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from karvon.api.v1.catalog.bodies import merged_texts
from karvon.catalog import selectors
from karvon.catalog.inputs import ProductInput, ValueInput, VariantInput
from karvon.catalog.models import AttributeType, CollectionKind, ProductKind, ProductState
from karvon.kernel.languages import LANGUAGES


class MoneyField(serializers.DecimalField):
    """An amount as a decimal string; two places."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 15, "decimal_places": 2, "min_value": Decimal(0), **kwargs})


class TextField(serializers.CharField):
    """Text without control characters (NUL is refused by DRF)."""


class TextsField(serializers.DictField):
    """{"uz": …, "ru": …, "en": …, "ar": …}; any of them."""

    child = serializers.CharField(allow_blank=True, max_length=20_000)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        texts = super().to_internal_value(data)
        if unknown := set(texts) - set(LANGUAGES):
            raise serializers.ValidationError(
                _("Unknown languages: %(names)s.") % {"names": ", ".join(sorted(unknown))}
            )
        return texts


class OptionRequest(serializers.Serializer[Any]):
    code = serializers.SlugField(max_length=64)
    value = serializers.JSONField(help_text="A choice's code, a number, a text, or true and false.")

    def validate_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return _attribute_text.run_validation(value)
        if not isinstance(value, int | float):
            raise serializers.ValidationError(_("A text, a number, true or false is needed."))
        return value


_attribute_text = serializers.CharField(max_length=500, trim_whitespace=False)


def _value(data: Mapping[str, Any]) -> ValueInput:
    value = data["value"]
    return ValueInput(code=data["code"], value=value if isinstance(value, bool) else str(value))


class VariantRequest(serializers.Serializer[Any]):
    sku = TextField(max_length=100)
    title = TextField(max_length=255, required=False, allow_blank=True)
    price = MoneyField(required=False)
    compare_at_price = MoneyField(required=False, allow_null=True)
    barcode = TextField(max_length=64, required=False, allow_blank=True)
    weight_grams = serializers.IntegerField(min_value=0, max_value=10**8, required=False)
    tracks_stock = serializers.BooleanField(required=False)
    stock_quantity = serializers.IntegerField(
        min_value=0, max_value=10**9, required=False, help_text="Counted in the default branch."
    )
    is_active = serializers.BooleanField(required=False)
    options = OptionRequest(many=True, required=False)


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}], "description": "id or slug"})
class CategoryField(serializers.Field[Any, Any, Any, Any]):
    """A category by id or slug, as its id."""

    def to_internal_value(self, data: Any) -> int:
        is_key = isinstance(data, str) or (isinstance(data, int) and not isinstance(data, bool))
        found = selectors.find_category_id(str(data)[:200]) if is_key else None
        if found is None:
            raise serializers.ValidationError(_("There is no such category."))
        return found


class ProductRequest(serializers.Serializer[Any]):
    """`title` and `description` are in the language of the request; `titles` and `descriptions` by language.

    What is left out stays as it is; null empties `category`, `publish_at` and `unpublish_at`.
    """

    merchant = serializers.IntegerField(
        required=False, min_value=1, help_text="Needed by people of several merchants."
    )
    title = TextField(max_length=255, required=False)
    titles = TextsField(required=False)
    description = TextField(max_length=20_000, required=False, allow_blank=True)
    descriptions = TextsField(required=False)
    slug = TextField(max_length=150, required=False)
    handle = TextField(max_length=255, required=False)
    kind = serializers.ChoiceField(choices=ProductKind.choices, required=False)
    vendor = TextField(max_length=128, required=False, allow_blank=True)
    state = serializers.ChoiceField(
        choices=ProductState.choices,
        required=False,
        help_text="A new product is published unless told otherwise.",
    )
    publish_at = serializers.DateTimeField(required=False, allow_null=True)
    unpublish_at = serializers.DateTimeField(required=False, allow_null=True)
    category = CategoryField(required=False, allow_null=True)
    tags = serializers.ListField(child=TextField(max_length=64), max_length=50, required=False)
    attributes = OptionRequest(many=True, required=False)
    variants = VariantRequest(many=True, required=False)
    price = MoneyField(required=False, help_text="Of a product with one variant.")
    sku = TextField(max_length=100, required=False)
    stock_quantity = serializers.IntegerField(
        min_value=0,
        max_value=10**9,
        required=False,
        help_text="Of a product with one variant, counted in the merchant's default branch.",
    )
    modifier_groups = serializers.ListField(
        child=serializers.IntegerField(min_value=1), max_length=30, required=False
    )

    def to_input(self, language: str, *, replaces: bool, sku: str = "") -> ProductInput:
        data = self.validated_data
        return ProductInput(
            handle=data.get("handle", ""),
            titles=merged_texts(data, "title", "titles", language),
            descriptions=merged_texts(data, "description", "descriptions", language),
            slug=data.get("slug"),
            kind=data.get("kind"),
            vendor=data.get("vendor"),
            state=data.get("state"),
            publish_at=data.get("publish_at"),
            unpublish_at=data.get("unpublish_at"),
            category_id=data.get("category"),
            clears=frozenset(
                column for name, column in _CLEARED.items() if name in data and data[name] is None
            ),
            tags=tuple(data["tags"]) if "tags" in data else None,
            attributes=tuple(map(_value, data["attributes"])) if "attributes" in data else None,
            variants=self._variants(language, sku),
            modifier_group_ids=tuple(data["modifier_groups"]) if "modifier_groups" in data else None,
            withdraws_missing_variants=replaces and "variants" in data,
        )

    def _variants(self, language: str, sku: str) -> tuple[VariantInput, ...] | None:
        data = self.validated_data
        if "variants" in data:
            return tuple(variant_input(each, language) for each in data["variants"])
        if "price" not in data:
            return None
        return (VariantInput(sku=data.get("sku") or sku, price=data["price"]),)


_CLEARED = {"category": "category_id", "publish_at": "publish_at", "unpublish_at": "unpublish_at"}


def variant_input(data: Mapping[str, Any], language: str) -> VariantInput:
    return VariantInput(
        sku=data["sku"],
        price=data.get("price"),
        compare_at_price=data.get("compare_at_price"),
        clears_compare_at_price="compare_at_price" in data and data["compare_at_price"] is None,
        titles={language: data["title"]} if "title" in data else None,
        barcode=data.get("barcode"),
        weight_grams=data.get("weight_grams"),
        tracks_stock=data.get("tracks_stock"),
        is_active=data.get("is_active"),
        options=tuple(map(_value, data["options"])) if "options" in data else None,
    )


class ProductMerchant(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()


class ProductTag(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()


class ProductListItem(serializers.Serializer[Any]):
    """A product in lists; only for the API document, the bytes come from the shop window."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    slug = serializers.CharField()
    description = serializers.CharField()
    price = serializers.CharField()
    currency = serializers.CharField()
    category = serializers.IntegerField(allow_null=True)
    category_name = serializers.CharField(allow_null=True)
    image = serializers.CharField(allow_null=True)
    stock_quantity = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    average_rating = serializers.FloatField()
    reviews_count = serializers.IntegerField()
    merchant = ProductMerchant()
    price_min = serializers.CharField()
    price_max = serializers.CharField()
    compare_at_price = serializers.CharField(allow_null=True)
    in_stock = serializers.BooleanField()
    tags = ProductTag(many=True)


class ProductPage(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = ProductListItem(many=True)
    facets = serializers.DictField(required=False, help_text="With `?facets=1`.")


class ProductDetail(ProductListItem):
    """A product on its page."""

    kind = serializers.CharField()
    vendor = serializers.CharField()
    images = serializers.ListField(child=serializers.DictField())
    categories = serializers.ListField(child=serializers.DictField())
    attributes = serializers.ListField(child=serializers.DictField())
    variants = serializers.ListField(child=serializers.DictField())
    modifier_groups = serializers.ListField(child=serializers.DictField())
    collections = serializers.ListField(child=serializers.DictField())


class OwnVariant(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    sku = serializers.CharField()
    titles = serializers.DictField(child=serializers.CharField(allow_blank=True))
    price = serializers.CharField()
    compare_at_price = serializers.CharField(allow_null=True)
    barcode = serializers.CharField()
    weight_grams = serializers.IntegerField(allow_null=True)
    tracks_stock = serializers.BooleanField()
    is_active = serializers.BooleanField()
    options = serializers.DictField(child=serializers.CharField())


class OwnProduct(ProductListItem):
    """A product as its back office sees it: as in lists, and in every state and language.

    `description` is whole here, where lists have its beginning.
    """

    handle = serializers.CharField()
    titles = serializers.DictField(child=serializers.CharField(allow_blank=True))
    descriptions = serializers.DictField(child=serializers.CharField(allow_blank=True))
    kind = serializers.CharField()
    vendor = serializers.CharField()
    state = serializers.CharField()
    publish_at = serializers.DateTimeField(allow_null=True)
    unpublish_at = serializers.DateTimeField(allow_null=True)
    attributes = serializers.DictField(child=serializers.CharField())
    variants = OwnVariant(many=True)
    modifier_groups = serializers.ListField(child=serializers.IntegerField())


class CategoryRequest(serializers.Serializer[Any]):
    name = TextField(max_length=200, required=False)
    names = TextsField(required=False)
    slug = TextField(max_length=110, required=False)
    parent = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    description = TextField(max_length=5000, required=False, allow_blank=True)
    descriptions = TextsField(required=False)
    image = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    position = serializers.IntegerField(min_value=0, max_value=10**6, required=False)


class CategoryChild(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    slug = serializers.CharField()
    product_count = serializers.IntegerField()


class CategoryDetail(CategoryChild):
    parent = serializers.IntegerField(allow_null=True)
    description = serializers.CharField()
    image = serializers.CharField(allow_null=True)
    position = serializers.IntegerField()
    children = CategoryChild(many=True)


class ChoiceShape(serializers.Serializer[Any]):
    code = serializers.SlugField(max_length=96, allow_unicode=True)
    label = TextField(max_length=128)
    colour = serializers.RegexField(r"^#[0-9a-fA-F]{6}$", required=False, allow_blank=True)


class AttributeShape(serializers.Serializer[Any]):
    id = serializers.IntegerField(read_only=True)
    code = serializers.SlugField(max_length=64)
    name = TextField(max_length=128)
    type = serializers.ChoiceField(choices=AttributeType.choices)
    unit = TextField(max_length=16, required=False, allow_blank=True)
    is_filterable = serializers.BooleanField(required=False)
    is_option = serializers.BooleanField(required=False)
    position = serializers.IntegerField(min_value=0, max_value=10**6, required=False)
    choices = ChoiceShape(many=True, required=False)


class AttributeChangeRequest(serializers.Serializer[Any]):
    name = TextField(max_length=128, required=False)
    unit = TextField(max_length=16, required=False, allow_blank=True)
    is_filterable = serializers.BooleanField(required=False)
    is_option = serializers.BooleanField(required=False)
    position = serializers.IntegerField(min_value=0, max_value=10**6, required=False)
    choices = ChoiceShape(many=True, required=False)


class TagChangeRequest(serializers.Serializer[Any]):
    name = TextField(max_length=64, required=False)
    names = TextsField(required=False)


class TagRequest(TagChangeRequest):
    slug = TextField(max_length=70, required=False)


class ObjectTagsRequest(serializers.Serializer[Any]):
    tags = serializers.ListField(child=TextField(max_length=64), max_length=50)


class ObjectTags(serializers.Serializer[Any]):
    kind = serializers.CharField()
    id = serializers.IntegerField()
    tags = ProductTag(many=True)


class LikeReport(serializers.Serializer[Any]):
    kind = serializers.CharField()
    id = serializers.IntegerField()
    count = serializers.IntegerField()
    liked = serializers.BooleanField(help_text="By the caller.")


class MarkedObject(serializers.Serializer[Any]):
    """An object that somebody likes, or that has a tag."""

    kind = serializers.CharField()
    id = serializers.IntegerField()
    title = serializers.CharField(help_text="A review's beginning.")
    since = serializers.DateTimeField()


class CollectionChangeRequest(serializers.Serializer[Any]):
    title = TextField(max_length=200, required=False)
    titles = TextsField(required=False)
    description = TextField(max_length=5000, required=False, allow_blank=True)
    descriptions = TextsField(required=False)
    rule = serializers.JSONField(
        required=False, help_text="Conditions that all hold: {“all”: [{“field”, “op”, “value”}, …]}."
    )
    is_active = serializers.BooleanField(required=False)
    position = serializers.IntegerField(min_value=0, max_value=10**6, required=False)
    products = serializers.ListField(
        child=serializers.IntegerField(min_value=1), max_length=500, required=False
    )

    def validate_rule(self, rule: Any) -> Any:
        if not isinstance(rule, dict):
            raise serializers.ValidationError(_("An object is needed."))
        return rule


class CollectionRequest(CollectionChangeRequest):
    merchant = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    slug = TextField(max_length=110, required=False)
    kind = serializers.ChoiceField(choices=CollectionKind.choices, required=False)


class CollectionDetail(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    slug = serializers.CharField()
    description = serializers.CharField()
    kind = serializers.CharField()
    merchant = serializers.IntegerField(allow_null=True)
    image = serializers.CharField(allow_null=True)
    is_active = serializers.BooleanField()
    position = serializers.IntegerField()


class ModifierShape(serializers.Serializer[Any]):
    id = serializers.IntegerField(required=False)
    name = TextField(max_length=128)
    price_delta = MoneyField(min_value=Decimal(-(10**9)), required=False)


class ModifierGroupRequest(serializers.Serializer[Any]):
    merchant = serializers.IntegerField(min_value=1, required=False)
    name = TextField(max_length=128)
    min_picks = serializers.IntegerField(min_value=0, max_value=100, default=0)
    max_picks = serializers.IntegerField(min_value=1, max_value=100, default=1)
    modifiers = ModifierShape(many=True)


class ModifierGroupDetail(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    merchant = serializers.IntegerField()
    name = serializers.CharField()
    min_picks = serializers.IntegerField()
    max_picks = serializers.IntegerField()
    modifiers = ModifierShape(many=True)


class FavouriteRequest(serializers.Serializer[Any]):
    product = serializers.IntegerField(min_value=1, max_value=2**62)


class Suggestion(serializers.Serializer[Any]):
    type = serializers.CharField()
    id = serializers.IntegerField()
    slug = serializers.CharField()
    text = serializers.CharField()
