"""Every write of the catalogue."""

from karvon.catalog.services.attributes import (
    create_attribute,
    delete_attribute,
    set_choices,
    update_attribute,
)
from karvon.catalog.services.categories import create_category, delete_category, update_category
from karvon.catalog.services.grouping import (
    add_favourite,
    create_collection,
    delete_collection,
    remove_favourite,
    set_picks,
    update_collection,
)
from karvon.catalog.services.likes import like, purge_marks, unlike
from karvon.catalog.services.lookups import CatalogLookups
from karvon.catalog.services.modifiers import (
    create_modifier_group,
    delete_modifier_group,
    update_modifier_group,
)
from karvon.catalog.services.products import (
    create_product,
    delete_product,
    set_product_state,
    update_product,
    version_of,
)
from karvon.catalog.services.publication import apply_publication_schedule
from karvon.catalog.services.tagging import set_tags
from karvon.catalog.services.tags import create_tag, delete_tag, update_tag

__all__ = [
    "CatalogLookups",
    "add_favourite",
    "apply_publication_schedule",
    "create_attribute",
    "create_category",
    "create_collection",
    "create_modifier_group",
    "create_product",
    "create_tag",
    "delete_attribute",
    "delete_category",
    "delete_collection",
    "delete_modifier_group",
    "delete_product",
    "delete_tag",
    "like",
    "purge_marks",
    "remove_favourite",
    "set_choices",
    "set_picks",
    "set_product_state",
    "set_tags",
    "unlike",
    "update_attribute",
    "update_category",
    "update_collection",
    "update_modifier_group",
    "update_product",
    "update_tag",
    "version_of",
]
