"""What everybody is owed: balances, statements, and where payouts go."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsMerchantOrOperator
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.api.v1.ledger import examples, shapes
from karvon.api.v1.ledger import serializers as s
from karvon.api.v1.ledger.views.reading import read
from karvon.kernel import clock
from karvon.ledger import selectors, services
from karvon.ledger.files import statement_file
from karvon.ledger.statements import Statement, get_statement
from karvon.merchants.policies import Action, require
from karvon.merchants.selectors import get_merchant_id

TAGS = ["payouts"]


class BalanceListView(PagedView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="balances_list",
        tags=TAGS,
        summary="Balances",
        parameters=[s.BalanceQuery],
        responses={200: s.BalanceDetail(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[examples.BALANCE_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """What merchants' owners and managers are owed; every account of the ledger for operators."""
        asked = read(s.BalanceQuery, request.query_params)
        accounts = selectors.accounts_visible_to(get_caller(request)).filter(**asked)
        return self.answer_page(accounts, lambda page: [shapes.balance_json(each) for each in page])


class StatementView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="merchants_statement",
        tags=TAGS,
        summary="A merchant's statement",
        parameters=[s.StatementQuery],
        responses={200: s.StatementDetail, **errors(400, 401, 403, 404, 429)},
        examples=[examples.STATEMENT_ANSWER],
    )
    def get(self, request: Request, key: str) -> Response:
        """Opening balance, what moved, closing balance. For the merchant's owner and managers, and operators."""
        return Response(shapes.statement_json(_asked_statement(request, key)))


class StatementExportView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="merchants_statement_export",
        tags=TAGS,
        summary="A merchant's statement, as CSV",
        parameters=[s.StatementQuery],
        responses={
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY),
            **errors(400, 401, 403, 404, 429),
        },
    )
    def get(self, request: Request, key: str) -> HttpResponse:
        """The same as a table."""
        return statement_file(_asked_statement(request, key))


def _asked_statement(request: Request, key: str) -> Statement:
    asked = read(s.StatementQuery, request.query_params)
    caller = get_caller(request)
    merchant = require(caller, get_merchant_id(key), Action.VIEW_REPORTS)
    zone = ZoneInfo(merchant.timezone)
    today = clock.day_in(clock.now(), merchant.timezone)
    last: date = asked.get("date_to") or today
    first: date = asked.get("date_from") or last.replace(day=1)
    return get_statement(
        merchant_id=merchant.pk,
        principal=caller,
        since=datetime.combine(first, time.min, zone),
        # the last day whole; the calendar ends with the year 9999
        until=datetime.combine(min(last, date.max - timedelta(days=2)) + timedelta(days=1), time.min, zone),
        currency=asked.get("currency", ""),
    )


class BankDetailsView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="merchants_bank_details_retrieve",
        tags=TAGS,
        summary="Where a merchant's payouts go",
        responses={200: s.BankDetailsDetail, **errors(401, 403, 404, 429)},
        examples=[examples.BANK_ANSWER],
    )
    def get(self, request: Request, key: str) -> Response:
        """The number is masked."""
        details = selectors.get_bank_details(get_merchant_id(key), get_caller(request))
        return Response(shapes.bank_details_json(details))

    @extend_schema(
        operation_id="merchants_bank_details_update",
        tags=TAGS,
        summary="Say where a merchant's payouts go",
        request=s.BankDetailsRequest,
        responses={200: s.BankDetailsDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.BANK_REQUEST, examples.BANK_ANSWER],
    )
    def put(self, request: Request, key: str) -> Response:
        """For the owner and operators. After a change payouts are held for some days (`trusted_at`)."""
        asked = read(s.BankDetailsRequest, request.data)
        details = services.set_bank_details(
            merchant_id=get_merchant_id(key), data=services.BankInput(**asked), actor=get_caller(request)
        )
        return Response(shapes.bank_details_json(details))
