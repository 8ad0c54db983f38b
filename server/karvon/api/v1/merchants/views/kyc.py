"""The papers of a merchant: handed in, looked at, decided on."""

from __future__ import annotations

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsAuthenticated, IsOperator
from karvon.api.pages import PagedView
from karvon.api.papers import KycUploadParser, PaperForm, read_papers
from karvon.api.schema import errors
from karvon.api.v1.merchants import examples
from karvon.api.v1.merchants.papers import (
    KycDecisionRequest,
    KycPapers,
    KycQueueEntry,
    papers_json,
    queue_json,
)
from karvon.media.serving import serve_private
from karvon.merchants import selectors, services


class MerchantKycView(APIView):
    permission_classes = [IsAuthenticated]
    parser_classes = [KycUploadParser]

    @extend_schema(
        operation_id="merchants_kyc_retrieve",
        tags=["merchants"],
        summary="The papers of a merchant",
        responses={200: KycPapers, **errors(401, 403, 404, 429)},
        examples=[examples.KYC_ANSWER],
    )
    def get(self, request: Request, key: str) -> Response:
        """Names and states for the owner and managers; operators find the addresses of the files too."""
        caller = get_caller(request)
        return Response(papers_json(selectors.get_papers(caller, selectors.get_merchant_id(key)), caller))

    @extend_schema(
        operation_id="merchants_kyc_create",
        tags=["merchants"],
        summary="Hand papers in",
        request={"multipart/form-data": PaperForm},
        responses={200: KycPapers, **errors(400, 401, 403, 404, 409, 413, 415, 429, 503)},
        examples=[examples.KYC_REQUEST, examples.KYC_ANSWER],
    )
    def post(self, request: Request, key: str) -> Response:
        """The owner and operators. PDF files and pictures, told apart by their content; 409 once they are approved."""
        caller = get_caller(request)
        merchant_id = selectors.get_merchant_id(key)
        services.submit_kyc(actor=caller, merchant_id=merchant_id, papers=read_papers(request))
        return Response(papers_json(selectors.get_papers(caller, merchant_id), caller))


class MerchantKycDecisionView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="merchants_kyc_decide",
        tags=["merchants"],
        summary="Approve or reject papers",
        request=KycDecisionRequest,
        responses={200: KycPapers, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.KYC_DECISION, examples.KYC_ANSWER],
    )
    def post(self, request: Request, key: str) -> Response:
        """Operators, never about a shop of their own. A rejection says why; the merchant is mailed."""
        body = KycDecisionRequest(data=request.data)
        body.is_valid(raise_exception=True)
        caller, merchant_id = get_caller(request), selectors.get_merchant_id(key)
        services.decide_kyc(actor=caller, merchant_id=merchant_id, **body.validated_data)
        return Response(papers_json(selectors.get_papers(caller, merchant_id), caller))


class AnyFile(BaseRenderer):
    """The file as it is: whatever the client says it accepts."""

    media_type = "*/*"
    format = ""
    render_style = "binary"


_PAPER = OpenApiResponse(OpenApiTypes.BINARY, "the file, never shown inline")


class MerchantKycDocumentView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="merchants_kyc_document",
        tags=["merchants"],
        summary="Download a paper",
        responses={
            **{(200, kind): _PAPER for kind in ("application/pdf", "image/jpeg", "image/png")},
            **errors(401, 403, 404, 429, 503),
        },
    )
    def get(self, request: Request, key: str, document_id: int) -> HttpResponseBase:
        """Operators only."""
        document, file = selectors.open_document(
            get_caller(request), selectors.get_merchant_id(key), document_id
        )
        return serve_private(document.name, document.content_type, file)


class KycQueueView(PagedView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="kyc_queue",
        tags=["merchants"],
        summary="Papers that wait for a decision",
        responses={200: KycQueueEntry(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[examples.KYC_QUEUE_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Operators. What waits longest comes first."""
        return self.answer_page(
            selectors.list_waiting_papers(), lambda page: [queue_json(each) for each in page]
        )
