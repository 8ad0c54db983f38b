"""Products: anyone reads the shop window, administrators write, customers review."""

from __future__ import annotations

import orjson
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsAuthenticatedOrReadOnly, IsOperatorOrReadOnly
from karvon.api.doors.capstone.pages import StorePage, StorePagedView
from karvon.api.doors.capstone.products import examples
from karvon.api.doors.capstone.products import serializers as s
from karvon.api.doors.capstone.products.shapes import LARGEST_PICTURE, images_json, product_json
from karvon.api.links import absolute, site_of
from karvon.api.products.paging import links_of, read_page
from karvon.api.products.parameters import Vocabulary, parse_request
from karvon.api.schema import errors
from karvon.api.uploads import ImageUploadParser
from karvon.catalog import gallery
from karvon.catalog.errors import ProductNotFound
from karvon.catalog.window import get_window_detail, list_by_ids
from karvon.inventory.services import create_simple_product, update_simple_product
from karvon.kernel.idempotency import idempotent
from karvon.kernel.languages import pick_language
from karvon.media.urls import asset_url
from karvon.merchants.selectors import get_store_merchant
from karvon.orders.services import delete_unordered_product
from karvon.reviews import services as reviews
from karvon.reviews.selectors import list_reviews

TAGS = ["storefront"]
WORDS = Vocabulary(
    price_above="unit_price__gt",
    price_below="unit_price__lt",
    category="collection_id",
    orderings={
        "unit_price": "price",
        "last_update": "updated_at",
        "title": "title",
        "created_at": "created_at",
    },
    size=StorePage.page_size,
)
_FILTERS = [
    OpenApiParameter("search", OpenApiTypes.STR),
    OpenApiParameter("collection_id", OpenApiTypes.STR, description="What is below it is included."),
    OpenApiParameter("unit_price__gt", OpenApiTypes.DECIMAL, description="Without the bound itself."),
    OpenApiParameter("unit_price__lt", OpenApiTypes.DECIMAL, description="Without the bound itself."),
    OpenApiParameter(
        "ordering", OpenApiTypes.STR, description=f"{', '.join(WORDS.orderings)}; - turns one round."
    ),
]


def _shown(product_id: int, request: Request) -> bytes:
    """A product's document. Raises ProductNotFound for what is not on show."""
    page = get_window_detail(str(product_id), pick_language(request))
    if page is None:
        raise ProductNotFound
    return page.body


def _written(product_id: int, request: Request, *, code: int) -> Response:
    """A product that has just been written, on show or not."""
    (page,) = list_by_ids([product_id], pick_language(request), also_hidden=True, whole=True)
    return Response(product_json(page, site_of(request)), status=code)


class ProductListView(StorePagedView):
    permission_classes = [IsOperatorOrReadOnly]

    @extend_schema(
        operation_id="store_products_list",
        tags=TAGS,
        summary="Products on show",
        parameters=_FILTERS,
        responses={200: s.StoreProduct(many=True), **errors(400, 401, 404)},
        examples=[examples.PRODUCT_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Newest first, or by relevance where something is searched."""
        asked = parse_request(request.query_params, pick_language(request), WORDS)
        page, site = read_page(asked, whole=True), site_of(request)
        following, previous = links_of(request._request, asked, page)
        rows = [product_json(each, site) for each in page.items]
        return Response({"count": page.count, "next": following, "previous": previous, "results": rows})

    @extend_schema(
        operation_id="store_products_create",
        tags=TAGS,
        summary="Put a product on the shelves",
        request=s.StoreProductRequest,
        responses={201: s.StoreProduct, **errors(400, 401, 403, 409)},
        examples=[examples.PRODUCT_REQUEST, examples.PRODUCT_ANSWER],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """On show at once, of the merchant that `KARVON_STORE_MERCHANT` names, else of the oldest open shop."""
        body = s.StoreProductRequest(data=request.data)
        body.is_valid(raise_exception=True)
        product = create_simple_product(
            merchant_id=get_store_merchant().pk,
            product=body.to_input(pick_language(request), state="published"),
            price=body.validated_data["unit_price"],
            units=body.validated_data["inventory"],
            actor=get_caller(request),
        )
        return _written(product.pk, request, code=status.HTTP_201_CREATED)


class ProductView(APIView):
    permission_classes = [IsOperatorOrReadOnly]

    @extend_schema(
        operation_id="store_products_retrieve",
        tags=TAGS,
        summary="A product",
        responses={200: s.StoreProduct, **errors(401, 404)},
        examples=[examples.PRODUCT_ANSWER],
    )
    def get(self, request: Request, product_id: int) -> Response:
        """404 for what is not on show."""
        return Response(product_json(_shown(product_id, request), site_of(request)))

    @extend_schema(
        operation_id="store_products_update",
        tags=TAGS,
        summary="Change a product",
        request=s.StoreProductRequest,
        responses={200: s.StoreProduct, **errors(400, 401, 403, 404, 409)},
        examples=[examples.PRODUCT_REQUEST, examples.PRODUCT_ANSWER],
    )
    def put(self, request: Request, product_id: int) -> Response:
        """All fields are needed, but for `description`."""
        return self._update(request, product_id, partial=False)

    @extend_schema(
        operation_id="store_products_partial_update",
        tags=TAGS,
        summary="Change a product",
        request=s.StoreProductRequest,
        responses={200: s.StoreProduct, **errors(400, 401, 403, 404, 409)},
        examples=[examples.PRODUCT_REQUEST, examples.PRODUCT_ANSWER],
    )
    def patch(self, request: Request, product_id: int) -> Response:
        """What is left out stays. Price and inventory of a product with several variants are changed elsewhere (400)."""
        return self._update(request, product_id, partial=True)

    def _update(self, request: Request, product_id: int, *, partial: bool) -> Response:
        body = s.StoreProductRequest(data=request.data, partial=partial)
        body.is_valid(raise_exception=True)
        update_simple_product(
            product_id=product_id,
            product=body.to_input(pick_language(request)),
            price=body.validated_data.get("unit_price"),
            units=body.validated_data.get("inventory"),
            actor=get_caller(request),
        )
        return _written(product_id, request, code=status.HTTP_200_OK)

    @extend_schema(
        operation_id="store_products_destroy",
        tags=TAGS,
        summary="Delete a product",
        responses={204: None, **errors(401, 403, 404, 409)},
    )
    def delete(self, request: Request, product_id: int) -> Response:
        """409 `product_ordered` for one that has been ordered."""
        delete_unordered_product(product_id=product_id, actor=get_caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ReviewListView(StorePagedView):
    permission_classes = [IsAuthenticatedOrReadOnly]

    @extend_schema(
        operation_id="store_reviews_list",
        tags=TAGS,
        summary="Reviews of a product",
        responses={200: s.StoreReview(many=True), **errors(400, 401, 404)},
        examples=[examples.REVIEW_ANSWER],
    )
    def get(self, request: Request, product_id: int) -> Response:
        """Newest first."""
        _shown(product_id, request)
        rows = list_reviews(request.user, product_id=product_id)
        return self.answer_page(rows, lambda page: list(s.StoreReview(page, many=True).data))

    @extend_schema(
        operation_id="store_reviews_create",
        tags=TAGS,
        summary="Review a product",
        request=s.StoreReviewRequest,
        responses={201: s.StoreReview, **errors(400, 401, 403, 404, 409)},
        examples=[examples.REVIEW_REQUEST, examples.REVIEW_ANSWER],
    )
    @idempotent
    def post(self, request: Request, product_id: int) -> Response:
        """One per product and customer (409 `already_reviewed`); `name` is how the review is signed."""
        body = s.StoreReviewRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        given = reviews.ReviewInput(
            rating=asked["rating"], comment=asked["description"], signed_as=asked["name"]
        )
        review = reviews.create_review(author=get_caller(request), product_id=product_id, review=given)
        return Response(s.StoreReview(review).data, status=status.HTTP_201_CREATED)


class ImageListView(StorePagedView):
    permission_classes = [IsOperatorOrReadOnly]
    parser_classes = [ImageUploadParser]

    @extend_schema(
        operation_id="store_images_list",
        tags=TAGS,
        summary="A product's pictures",
        responses={200: s.StoreImage(many=True), **errors(400, 401, 404)},
        examples=[examples.IMAGE_ANSWER],
    )
    def get(self, request: Request, product_id: int) -> Response:
        """In their order."""
        pictures = images_json(orjson.loads(_shown(product_id, request)), site_of(request))
        return self.answer_page(pictures, list)

    @extend_schema(
        operation_id="store_images_create",
        tags=TAGS,
        summary="Add a picture",
        request={"multipart/form-data": s.StoreImageRequest},
        responses={201: s.StoreImage, **errors(400, 401, 403, 404, 409, 413, 415, 503)},
        examples=[examples.IMAGE_REQUEST, examples.IMAGE_ANSWER],
    )
    def post(self, request: Request, product_id: int) -> Response:
        """At most 500 KB (413), and a real picture (415), whatever its name says."""
        body = s.StoreImageRequest(data=request.data)
        body.is_valid(raise_exception=True)
        file = body.validated_data["image"]
        image = gallery.upload_product_image(
            product_id=product_id,
            data=file,
            file_name=file.name,
            actor=get_caller(request),
            max_bytes=LARGEST_PICTURE,
        )
        shown = {"id": image.asset_id, "image": absolute(site_of(request), asset_url(image.asset.file))}
        return Response(shown, status=status.HTTP_201_CREATED)
