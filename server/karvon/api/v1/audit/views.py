"""The audit log: operators read all of it, owners what was done to their shops."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsMerchantOrOperator
from karvon.api.audit_log import AUDIT_ANSWER, AuditEntryDetail, AuditQuery, show_entries
from karvon.api.fields import RowIdField
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.merchants.auditing import list_audit_entries


class AuditLogQuery(AuditQuery):
    merchant = RowIdField(required=False)


class AuditLogView(PagedView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="audit_logs_list",
        tags=["audit"],
        summary="Audit log",
        parameters=[AuditLogQuery],
        responses={200: AuditEntryDetail(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[AUDIT_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Newest first. Who changed what, before and after, from where; nobody can change or erase an entry."""
        query = AuditLogQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        caller = get_caller(request)
        entries = list_audit_entries(query.to_filter(), principal=caller)
        return self.answer_page(entries, lambda page: show_entries(page, reader=caller))
