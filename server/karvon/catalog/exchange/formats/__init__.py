# mypy: disable-error-code="dict-item"
"""The formats that can be imported, by name."""

from karvon.catalog.exchange.formats.base import CatalogueFormat, Context
from karvon.catalog.exchange.formats.karvon import KarvonFormat
from karvon.catalog.exchange.formats.shopify import ShopifyFormat
from karvon.catalog.exchange.formats.vendure import VendureFormat
from karvon.catalog.exchange.formats.woocommerce import WooCommerceFormat

FORMATS: dict[str, CatalogueFormat] = {
    "shopify": ShopifyFormat(),
    "woocommerce": WooCommerceFormat(),
    "vendure": VendureFormat(),
    "karvon": KarvonFormat(),
}

__all__ = ["FORMATS", "CatalogueFormat", "Context"]
