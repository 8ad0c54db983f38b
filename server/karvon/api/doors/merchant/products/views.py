"""A merchant's own products."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsMerchantOrOperator
from karvon.api.doors.merchant.acting import MERCHANT_PARAMETERS, acting_merchant
from karvon.api.doors.merchant.bodies import read_query
from karvon.api.doors.merchant.products import examples
from karvon.api.doors.merchant.products import serializers as s
from karvon.api.doors.merchant.products.pictures import read_pictures
from karvon.api.doors.merchant.products.shapes import own_product_json
from karvon.api.links import site_of
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.catalog.models import Product, ProductState
from karvon.catalog.selectors import get_product_of_merchant, products_of_merchant
from karvon.catalog.services import delete_product
from karvon.catalog.window import list_by_ids
from karvon.inventory.services import change_offer, offer_product
from karvon.kernel.errors import ValidationFailed
from karvon.kernel.languages import pick_language

TAGS = ["merchant"]


def _shown(request: Request, products: list[Product]) -> list[dict[str, Any]]:
    """In one query."""
    ids = [product.pk for product in products]
    documents = list_by_ids(ids, pick_language(request), also_hidden=True, whole=True)
    return [
        own_product_json(document, site_of(request), product.state)
        for document, product in zip(documents, products, strict=True)
    ]


def _only_sku(product: Product, body: s.MerchantDoorProductChangeRequest) -> str:
    """Whose price is meant. Raises ValidationFailed where that cannot be said."""
    skus = [variant.sku for variant in product.variants.all() if variant.is_active]
    data = body.validated_data
    if "price" in data and "variants" not in data and len(skus) != 1:
        raise ValidationFailed(details={"price": [_("A product with several variants prices each of them.")]})
    return skus[0] if skus else ""


class MerchantProductListView(PagedView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="merchant_products_list",
        tags=TAGS,
        summary="The shop's products",
        parameters=[s.MerchantDoorProductQuery, *MERCHANT_PARAMETERS],
        responses={200: s.MerchantDoorOwnProduct(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[examples.ANSWER],
    )
    def get(self, request: Request) -> Response:
        """In every state, newest first; `search` looks into titles and SKUs."""
        merchant = acting_merchant(request)
        search = read_query(s.MerchantDoorProductQuery, request)["search"]
        products = products_of_merchant(merchant.pk, search=search)
        return self.answer_page(products, lambda page: _shown(request, list(page)))

    @extend_schema(
        operation_id="merchant_products_create",
        tags=TAGS,
        summary="Put a product up",
        parameters=MERCHANT_PARAMETERS,
        request=s.MerchantDoorProductRequest,
        responses={201: s.MerchantDoorOwnProduct, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.CREATE, examples.ANSWER],
    )
    def post(self, request: Request) -> Response:
        """On show at once, unless another state is asked for. The owner and managers."""
        merchant = acting_merchant(request)
        body = s.MerchantDoorProductRequest(data=request.data)
        body.is_valid(raise_exception=True)
        body.validated_data.setdefault("state", ProductState.PUBLISHED)
        pictures = read_pictures(request, merchant.pk, body.validated_data.get("images"))
        product_id = offer_product(
            merchant_id=merchant.pk,
            offering=body.to_offering(pick_language(request), asset_ids=pictures, replaces=True),
            actor=get_caller(request),
        )
        product = get_product_of_merchant(merchant.pk, product_id)
        return Response(_shown(request, [product])[0], status=status.HTTP_201_CREATED)


class MerchantProductView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="merchant_products_retrieve",
        tags=TAGS,
        summary="One of the shop's products",
        parameters=MERCHANT_PARAMETERS,
        responses={200: s.MerchantDoorOwnProduct, **errors(401, 403, 404, 429)},
        examples=[examples.ANSWER],
    )
    def get(self, request: Request, product_id: int) -> Response:
        """404 for another shop's."""
        product = get_product_of_merchant(acting_merchant(request).pk, product_id)
        return Response(_shown(request, [product])[0])

    @extend_schema(
        operation_id="merchant_products_update",
        tags=TAGS,
        summary="Change a product",
        parameters=MERCHANT_PARAMETERS,
        request=s.MerchantDoorProductRequest,
        responses={200: s.MerchantDoorOwnProduct, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.CREATE, examples.ANSWER],
    )
    def put(self, request: Request, product_id: int) -> Response:
        """With its title and price; variants that are not among the given ones are withdrawn, other fields stay."""
        return self._change(request, product_id, s.MerchantDoorProductRequest, replaces=True)

    @extend_schema(
        operation_id="merchant_products_partial_update",
        tags=TAGS,
        summary="Change a product",
        parameters=MERCHANT_PARAMETERS,
        request=s.MerchantDoorProductChangeRequest,
        responses={200: s.MerchantDoorOwnProduct, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.CHANGE, examples.ANSWER],
    )
    def patch(self, request: Request, product_id: int) -> Response:
        """What is left out stays. 409 when fewer units would remain than orders hold."""
        return self._change(request, product_id, s.MerchantDoorProductChangeRequest, replaces=False)

    @extend_schema(
        operation_id="merchant_products_destroy",
        tags=TAGS,
        summary="Take a product out of the shop",
        parameters=MERCHANT_PARAMETERS,
        responses={204: None, **errors(401, 403, 404, 409, 429)},
    )
    def delete(self, request: Request, product_id: int) -> Response:
        """For good; orders keep what they need of it."""
        product = get_product_of_merchant(acting_merchant(request).pk, product_id)
        delete_product(product_id=product.pk, actor=get_caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _change(self, request: Request, product_id: int, serializer: Any, *, replaces: bool) -> Response:
        merchant = acting_merchant(request)
        product = get_product_of_merchant(merchant.pk, product_id)
        body = serializer(data=request.data)
        body.is_valid(raise_exception=True)
        pictures = read_pictures(request, merchant.pk, body.validated_data.get("images"))
        offering = body.to_offering(
            pick_language(request), asset_ids=pictures, replaces=replaces, sku=_only_sku(product, body)
        )
        change_offer(product_id=product.pk, offering=offering, actor=get_caller(request))
        return Response(_shown(request, [get_product_of_merchant(merchant.pk, product_id)])[0])
