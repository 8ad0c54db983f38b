"""Back-office pages of the catalogue."""

from karvon.catalog.admin.attributes import AttributeAdmin
from karvon.catalog.admin.categories import CategoryAdmin
from karvon.catalog.admin.grouping import CollectionAdmin, TagAdmin
from karvon.catalog.admin.jobs import CatalogJobAdmin
from karvon.catalog.admin.modifiers import ModifierGroupAdmin
from karvon.catalog.admin.products import ProductAdmin
from karvon.catalog.admin.variants import VariantAdmin

__all__ = [
    "AttributeAdmin",
    "CatalogJobAdmin",
    "CategoryAdmin",
    "CollectionAdmin",
    "ModifierGroupAdmin",
    "ProductAdmin",
    "TagAdmin",
    "VariantAdmin",
]
