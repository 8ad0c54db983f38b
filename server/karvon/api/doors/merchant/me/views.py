"""The shop that somebody works for."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsAuthenticated
from karvon.api.doors.merchant.acting import MERCHANT_PARAMETERS, acting_merchant
from karvon.api.doors.merchant.me import examples
from karvon.api.doors.merchant.me.serializers import MerchantMeDocument, MerchantMeKyc, MerchantMeRequest
from karvon.api.doors.merchant.shapes import MerchantDoorMerchant, merchant_json
from karvon.api.papers import KycUploadParser, PaperForm, read_papers
from karvon.api.schema import errors
from karvon.media.selectors import find_asset_ids, merchant_ref
from karvon.merchants import selectors, services


class MeView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="merchant_me_retrieve",
        tags=["merchant"],
        summary="The own shop",
        parameters=MERCHANT_PARAMETERS,
        responses={200: MerchantDoorMerchant, **errors(401, 403, 404, 429)},
        examples=[examples.MERCHANT_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Everybody who works there."""
        return Response(merchant_json(acting_merchant(request), request))

    @extend_schema(
        operation_id="merchant_me_update",
        tags=["merchant"],
        summary="Change the own shop",
        parameters=MERCHANT_PARAMETERS,
        request=MerchantMeRequest,
        responses={200: MerchantDoorMerchant, **errors(400, 401, 403, 404, 429)},
        examples=[examples.ME_REQUEST, examples.MERCHANT_ANSWER],
    )
    def put(self, request: Request) -> Response:
        """The owner and operators. `kyc_status` is not the owner's to change; links are kept in one spelling."""
        merchant = acting_merchant(request)
        body = MerchantMeRequest(data=request.data)
        body.is_valid(raise_exception=True)
        changes: dict[str, Any] = dict(body.validated_data)
        if changes.get("logo") is not None:
            (found,) = find_asset_ids(
                [changes["logo"]], owner_ref=merchant_ref(merchant.pk), hosts=[request.get_host()]
            )
            changes["logo"] = found or 0
        merchant = services.update_merchant(
            actor=get_caller(request), merchant_id=merchant.pk, changes=changes
        )
        return Response(merchant_json(merchant, request))


class MeKycView(APIView):
    permission_classes = [IsAuthenticated]
    parser_classes = [KycUploadParser]

    @extend_schema(
        operation_id="merchant_me_kyc",
        tags=["merchant"],
        summary="Hand papers in",
        parameters=MERCHANT_PARAMETERS,
        request={"multipart/form-data": PaperForm},
        responses={200: MerchantMeKyc, **errors(400, 401, 403, 404, 409, 413, 415, 429, 503)},
        examples=[examples.KYC_REQUEST, examples.KYC_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """The owner. PDF files and pictures; 409 once they are approved."""
        caller, merchant = get_caller(request), acting_merchant(request)
        services.submit_kyc(actor=caller, merchant_id=merchant.pk, papers=read_papers(request))
        papers = selectors.get_papers(caller, merchant.pk)
        documents = MerchantMeDocument(papers.documents, many=True).data
        return Response(merchant_json(papers.merchant, request) | {"documents": documents})
