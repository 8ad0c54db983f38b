"""Products as this door takes and shows them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from karvon.catalog.inputs import ProductInput, ValueInput, VariantInput
from karvon.catalog.models import ProductState
from karvon.catalog.selectors import find_category_id
from karvon.inventory.services import Offering

MOST_PICTURES = 50


class AmountField(serializers.DecimalField):
    """A decimal string with two places."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=15, decimal_places=2, min_value=Decimal(0), **kwargs)


class UnitsField(serializers.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=10**9, **kwargs)


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}], "description": "id or address"})
class PictureField(serializers.Field[Any, Any, Any, Any]):
    """A picture by its id or its address."""

    def to_internal_value(self, data: Any) -> int | str:
        if isinstance(data, int) and not isinstance(data, bool) and 0 < data < 2**63:
            return data
        if isinstance(data, str) and 0 < len(data) <= 500:
            return data
        raise serializers.ValidationError(_("Give the id or the address of a picture."))


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}], "description": "id or slug"})
class CategoryKeyField(serializers.Field[Any, Any, Any, Any]):
    """A category by id or slug, as its id."""

    def to_internal_value(self, data: Any) -> int:
        is_key = isinstance(data, str) or (isinstance(data, int) and not isinstance(data, bool))
        found = find_category_id(str(data)[:200]) if is_key else None
        if found is None:
            raise serializers.ValidationError(_("There is no such category."))
        return found


class MerchantDoorVariantRequest(serializers.Serializer[Any]):
    """`options` are the codes of attributes and of their choices: {"size": "m"}."""

    sku = serializers.CharField(max_length=100)
    title = serializers.CharField(max_length=255, required=False, allow_blank=True)
    price = AmountField(required=False)
    stock = UnitsField(required=False)
    options = serializers.DictField(
        child=serializers.CharField(max_length=100), required=False, help_text="At most twenty."
    )

    def validate_options(self, options: dict[str, str]) -> dict[str, str]:
        if len(options) > 20:
            raise serializers.ValidationError(_("Too many options."))
        return options


class MerchantDoorProductChangeRequest(serializers.Serializer[Any]):
    """Texts are in the language of the request. What is left out stays; null takes the category away.

    `stock` is the sum over the shop's open branches: the default branch is corrected so that it becomes that. `images` is the
    whole gallery in its order: ids or addresses of pictures that were uploaded here. A product with several variants is
    priced and counted by variant.
    """

    title = serializers.CharField(max_length=255, required=False)
    description = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    price = AmountField(required=False)
    stock = UnitsField(required=False)
    images = serializers.ListField(child=PictureField(), max_length=MOST_PICTURES, required=False)
    category = CategoryKeyField(required=False, allow_null=True)
    state = serializers.ChoiceField(choices=ProductState.choices, required=False)
    variants = MerchantDoorVariantRequest(many=True, required=False)

    def to_offering(
        self, language: str, *, asset_ids: list[int] | None, replaces: bool, sku: str = ""
    ) -> Offering:
        """`sku` is of the only variant, where there is one: whose price is meant."""
        data = self.validated_data
        product = ProductInput(
            titles={language: data["title"]} if "title" in data else None,
            descriptions={language: data["description"]} if "description" in data else None,
            state=data.get("state"),
            category_id=data.get("category"),
            clears=frozenset({"category_id"} if "category" in data and data["category"] is None else ()),
            variants=self._variants(language, sku),
            withdraws_missing_variants=replaces and "variants" in data,
        )
        return Offering(
            product=product,
            asset_ids=asset_ids,
            units=data.get("stock"),
            units_by_sku={each["sku"]: each["stock"] for each in data.get("variants", ()) if "stock" in each},
        )

    def _variants(self, language: str, sku: str) -> tuple[VariantInput, ...] | None:
        data = self.validated_data
        if "variants" in data:
            return tuple(_variant_input(each, data.get("price"), language) for each in data["variants"])
        return (VariantInput(sku=sku, price=data["price"]),) if "price" in data else None


class MerchantDoorProductRequest(MerchantDoorProductChangeRequest):
    """A whole product: its title, and its price or variants with prices."""

    title = serializers.CharField(max_length=255)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "price" not in attrs and not attrs.get("variants"):
            raise serializers.ValidationError({"price": [_("This field is required.")]})
        return attrs


def _variant_input(data: dict[str, Any], price: Decimal | None, language: str) -> VariantInput:
    """A variant without a price of its own has the product's."""
    options = data.get("options")
    return VariantInput(
        sku=data["sku"],
        price=data.get("price", price),
        titles={language: data["title"]} if "title" in data else None,
        options=None
        if options is None
        else tuple(ValueInput(code=code, value=value) for code, value in options.items()),
    )


class MerchantDoorProductQuery(serializers.Serializer[Any]):
    search = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")


class MerchantDoorVariant(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    sku = serializers.CharField()
    title = serializers.CharField()
    price = serializers.CharField()
    stock = serializers.IntegerField(allow_null=True, help_text="null where units are not counted")
    in_stock = serializers.BooleanField()
    options = serializers.DictField()


class MerchantDoorProduct(serializers.Serializer[Any]):
    """A product; `stock` is the sum over open branches."""

    id = serializers.IntegerField()
    merchant = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField()
    price = serializers.CharField()
    currency = serializers.CharField()
    stock = serializers.IntegerField()
    in_stock = serializers.BooleanField()
    images = serializers.ListField(
        child=serializers.CharField(), help_text="Addresses, the first one goes first."
    )
    image_ids = serializers.ListField(child=serializers.IntegerField())
    category = serializers.IntegerField(allow_null=True)
    category_name = serializers.CharField(allow_null=True)
    slug = serializers.CharField()
    variants = MerchantDoorVariant(many=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class MerchantDoorOwnProduct(MerchantDoorProduct):
    """For the merchant's own people, also what is not on show."""

    state = serializers.ChoiceField(choices=ProductState.choices)
