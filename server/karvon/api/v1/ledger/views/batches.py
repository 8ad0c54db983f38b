"""Payout batches, for operators."""

from __future__ import annotations

from decimal import Decimal

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsOperator
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.api.v1.ledger import examples, shapes
from karvon.api.v1.ledger import serializers as s
from karvon.api.v1.ledger.views.reading import read
from karvon.kernel.idempotency import idempotent
from karvon.ledger import selectors, services
from karvon.ledger.files import batch_file

TAGS = ["payouts"]


class BatchListView(PagedView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="payout_batches_list",
        tags=TAGS,
        summary="Payout batches, newest first",
        responses={200: s.PayoutBatchBrief(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[examples.BATCH_BRIEF],
    )
    def get(self, request: Request) -> Response:
        """With the number and sum of their payouts."""
        batches = selectors.list_batches(get_caller(request))
        return self.answer_page(batches, lambda page: [shapes.batch_json(each) for each in page])

    @extend_schema(
        operation_id="payout_batches_create",
        tags=TAGS,
        summary="Make payouts",
        request=s.PayoutBatchRequest,
        responses={201: s.PayoutBatchDetail, **errors(400, 401, 403, 409, 429)},
        examples=[examples.BATCH_REQUEST, examples.BATCH_ANSWER],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """A draft for each merchant that earned enough and has bank details; the amounts leave their balances at once.
        409 `nothing_to_pay_out` when there is none. Somebody else has to approve them.
        """
        asked, caller = read(s.PayoutBatchRequest, request.data), get_caller(request)
        data = services.BatchInput(
            currency=asked["currency"],
            until=asked["until"],
            minimum=asked.get("minimum", Decimal(0)),
            merchant_ids=tuple(asked.get("merchants", ())),
            note=asked.get("note", ""),
        )
        made = services.make_batch(data=data, actor=caller)
        batch = selectors.get_batch(made.pk, caller)
        return Response(shapes.batch_json(batch, selectors.payouts_of(batch)), status=status.HTTP_201_CREATED)


class BatchView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="payout_batches_retrieve",
        tags=TAGS,
        summary="One payout batch",
        responses={200: s.PayoutBatchDetail, **errors(401, 403, 404, 429)},
        examples=[examples.BATCH_ANSWER],
    )
    def get(self, request: Request, batch_id: int) -> Response:
        """With its payouts."""
        batch = selectors.get_batch(batch_id, get_caller(request))
        return Response(shapes.batch_json(batch, selectors.payouts_of(batch)))


class BatchApproveView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="payout_batches_approve",
        tags=TAGS,
        summary="Let the payouts of a batch go",
        request=None,
        responses={200: s.PayoutBatchApproved, **errors(401, 403, 404, 429)},
        examples=[examples.BATCH_APPROVED],
    )
    @idempotent
    def post(self, request: Request, batch_id: int) -> Response:
        """Every draft that may go; `refused` tells of the others. 403 `two_people_needed` for who made it."""
        caller = get_caller(request)
        _batch, refused = services.approve_batch(batch_id=batch_id, actor=caller)
        batch = selectors.get_batch(batch_id, caller)
        return Response(shapes.batch_json(batch, selectors.payouts_of(batch), refused))


class BatchExportView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="payout_batches_export",
        tags=TAGS,
        summary="A payout batch for the bank, as CSV",
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY), **errors(401, 403, 404, 429)},
    )
    def get(self, request: Request, batch_id: int) -> HttpResponse:
        """What was approved, with whole account numbers; no cell is a formula."""
        return batch_file(selectors.get_batch(batch_id, get_caller(request)))
