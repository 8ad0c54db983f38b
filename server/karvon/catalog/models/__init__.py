"""What is sold: tree, products and variants, attributes, modifiers, collections, and the shop window."""

from karvon.catalog.models.attribute import (
    Attribute,
    AttributeChoice,
    AttributeType,
    ProductAttribute,
    VariantAttribute,
)
from karvon.catalog.models.category import Category
from karvon.catalog.models.grouping import Collection, CollectionKind, CollectionProduct, Favourite, Tag
from karvon.catalog.models.job import CatalogJob, CatalogJobRow, JobKind, JobState
from karvon.catalog.models.marking import Like, TaggedItem
from karvon.catalog.models.modifier import Modifier, ModifierGroup, ProductModifierGroup
from karvon.catalog.models.product import (
    Product,
    ProductImage,
    ProductKind,
    ProductState,
    Variant,
)
from karvon.catalog.models.window import WindowBody, WindowEpoch, WindowRow

__all__ = [
    "Attribute",
    "AttributeChoice",
    "AttributeType",
    "CatalogJob",
    "CatalogJobRow",
    "Category",
    "Collection",
    "CollectionKind",
    "CollectionProduct",
    "Favourite",
    "JobKind",
    "JobState",
    "Like",
    "Modifier",
    "ModifierGroup",
    "Product",
    "ProductAttribute",
    "ProductImage",
    "ProductKind",
    "ProductModifierGroup",
    "ProductState",
    "Tag",
    "TaggedItem",
    "Variant",
    "VariantAttribute",
    "WindowBody",
    "WindowEpoch",
    "WindowRow",
]
