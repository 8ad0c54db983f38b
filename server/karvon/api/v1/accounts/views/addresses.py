"""The own address book."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from karvon.accounts import selectors, services
from karvon.accounts.authentication import get_caller
from karvon.accounts.models import Address
from karvon.accounts.permissions import IsAuthenticated
from karvon.accounts.services.addresses import AddressInput
from karvon.api.schema import errors
from karvon.api.v1.accounts import examples
from karvon.api.v1.accounts.serializers import AddressDetail, AddressRequest


class AddressListView(GenericAPIView[Address]):
    permission_classes = [IsAuthenticated]
    serializer_class = AddressDetail

    @extend_schema(
        operation_id="addresses_list",
        tags=["addresses"],
        summary="The own addresses",
        responses={200: AddressDetail(many=True), **errors(400, 401, 404, 429)},
        examples=[examples.ADDRESS_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """The default first."""
        page = self.paginate_queryset(selectors.list_addresses(get_caller(request)))
        return self.get_paginated_response(AddressDetail(page, many=True).data)

    @extend_schema(
        operation_id="addresses_create",
        tags=["addresses"],
        summary="Add an address",
        request=AddressRequest,
        responses={201: AddressDetail, **errors(400, 401, 409, 429)},
        examples=[examples.ADDRESS_REQUEST, examples.ADDRESS_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """The first one is the default. 409 when the book is full (50)."""
        body = AddressRequest(data=request.data)
        body.is_valid(raise_exception=True)
        address = services.create_address(
            user=get_caller(request), address=AddressInput(**body.validated_data)
        )
        return Response(AddressDetail(address).data, status=status.HTTP_201_CREATED)


class AddressView(GenericAPIView[Address]):
    permission_classes = [IsAuthenticated]
    serializer_class = AddressDetail

    @extend_schema(
        operation_id="addresses_retrieve",
        tags=["addresses"],
        summary="One of the own addresses",
        responses={200: AddressDetail, **errors(401, 404, 429)},
        examples=[examples.ADDRESS_ANSWER],
    )
    def get(self, request: Request, address_id: int) -> Response:
        """404 for anybody else's."""
        return Response(AddressDetail(selectors.get_address(get_caller(request), address_id)).data)

    @extend_schema(
        operation_id="addresses_update",
        tags=["addresses"],
        summary="Change an address",
        request=AddressRequest,
        responses={200: AddressDetail, **errors(400, 401, 404, 429)},
        examples=[examples.ADDRESS_REQUEST, examples.ADDRESS_ANSWER],
    )
    def put(self, request: Request, address_id: int) -> Response:
        """`line1` is needed; what else is left out stays."""
        return self._update(request, address_id, partial=False)

    @extend_schema(
        operation_id="addresses_partial_update",
        tags=["addresses"],
        summary="Change an address",
        request=AddressRequest,
        responses={200: AddressDetail, **errors(400, 401, 404, 429)},
        examples=[examples.ADDRESS_REQUEST, examples.ADDRESS_ANSWER],
    )
    def patch(self, request: Request, address_id: int) -> Response:
        """What is left out stays."""
        return self._update(request, address_id, partial=True)

    def _update(self, request: Request, address_id: int, *, partial: bool) -> Response:
        body = AddressRequest(data=request.data, partial=partial)
        body.is_valid(raise_exception=True)
        address = services.update_address(
            user=get_caller(request), address_id=address_id, changes=body.validated_data
        )
        return Response(AddressDetail(address).data)

    @extend_schema(
        operation_id="addresses_destroy",
        tags=["addresses"],
        summary="Remove an address",
        request=None,
        responses={204: None, **errors(401, 404, 429)},
    )
    def delete(self, request: Request, address_id: int) -> Response:
        """The oldest one left becomes the default if this was it. Orders keep their copies."""
        services.delete_address(user=get_caller(request), address_id=address_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
