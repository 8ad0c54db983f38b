"""The platform's audit log, for its operators."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsOperator
from karvon.api.audit_log import AUDIT_ANSWER, AuditEntryDetail, AuditQuery, show_entries
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.merchants.auditing import list_audit_entries


class AdminAuditLogView(PagedView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="admin_audit_logs",
        tags=["operators"],
        summary="Audit log",
        parameters=[AuditQuery],
        responses={200: AuditEntryDetail(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[AUDIT_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Newest first: who, what, before and after, from where, in which request. Append-only."""
        query = AuditQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        caller = get_caller(request)
        entries = list_audit_entries(query.to_filter(), principal=caller)
        return self.answer_page(entries, lambda page: show_entries(page, reader=caller))
