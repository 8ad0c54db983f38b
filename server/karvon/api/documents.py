"""Which API documents there are, and which addresses each of them describes."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from django.urls.resolvers import URLPattern
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView

Endpoint = tuple[str, str, str, Any]


class DocumentGenerator(SchemaGenerator):
    """Describes the operations whose path begins with one of `PREFIXES`, and with none of `EXCEPT`."""

    TITLE: ClassVar[str]
    DESCRIPTION: ClassVar[str]
    PREFIXES: ClassVar[tuple[str, ...]]
    EXCEPT: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def describes(cls, address: str) -> bool:
        """Whether operations at this address belong in the document."""
        return address.startswith(cls.PREFIXES) and not address.startswith(cls.EXCEPT)

    def _get_paths_and_endpoints(self) -> list[Endpoint]:
        found: list[Endpoint] = super()._get_paths_and_endpoints()
        return [each for each in found if self.describes(each[0])]

    def get_schema(self, request: Any = None, public: bool = False) -> dict[str, Any]:
        """The document, under its own title."""
        document: dict[str, Any] = super().get_schema(request=request, public=public)
        document["info"] |= {"title": self.TITLE, "description": self.DESCRIPTION}
        return document


class CanonicalGenerator(DocumentGenerator):
    TITLE = "Karvon API"
    DESCRIPTION = "One engine for shops, marketplaces and food delivery."
    PREFIXES = ("/api/v1/",)


class MarketGenerator(DocumentGenerator):
    TITLE = "Karvon: food ordering, SKU marketplace and merchant platform"
    DESCRIPTION = "Three contracts of existing clients under one prefix; new integrations use `/api/v1/`."
    PREFIXES = ("/api/",)
    EXCEPT = ("/api/v1/",)


class StorefrontGenerator(DocumentGenerator):
    TITLE = "Karvon: storefront"
    DESCRIPTION = "Carts known by a UUID, customers with a membership; new integrations use `/api/v1/`."
    PREFIXES = ("/auth/", "/store/", "/payments/")


# file name under docs/openapi → what writes it
DOCUMENTS: dict[str, type[DocumentGenerator]] = {
    "v1": CanonicalGenerator,
    "market": MarketGenerator,
    "storefront": StorefrontGenerator,
}

_schema = SpectacularAPIView.as_view
_swagger = SpectacularSwaggerSplitView.as_view
_redoc = SpectacularRedocView.as_view

urlpatterns: list[URLPattern] = [
    path("api/v1/schema/", _schema(generator_class=CanonicalGenerator), name="schema"),
    path("api/v1/docs/", _swagger(url_name="schema"), name="docs"),
    path("api/v1/redoc/", _redoc(url_name="schema"), name="redoc"),
    path("api/schema/", _schema(generator_class=MarketGenerator), name="market_schema"),
    path("api/docs/", _swagger(url_name="market_schema")),
    path("swagger/", _swagger(url_name="market_schema")),
    path("redoc/", _redoc(url_name="market_schema")),
    path("store/schema/", _schema(generator_class=StorefrontGenerator), name="storefront_schema"),
    path("store/docs/", _swagger(url_name="storefront_schema")),
]
