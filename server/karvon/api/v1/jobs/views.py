"""Imports and exports of catalogues: begun here, run by a worker, watched here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.http import FileResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import DataAndFiles, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.permissions import IsMerchantOrOperator
from karvon.api.schema import errors
from karvon.api.v1.jobs import examples
from karvon.api.v1.jobs.serializers import (
    ExportJobDetail,
    ExportJobRequest,
    ImportJobDetail,
    ImportJobRequest,
    RefusedRow,
)
from karvon.catalog.exchange import jobs, selectors
from karvon.catalog.exchange.errors import FileTooLarge
from karvon.catalog.exchange.guarding import guard
from karvon.catalog.models import CatalogJob, CatalogJobRow, JobKind
from karvon.kernel.errors import ValidationFailed
from karvon.merchants import policies
from karvon.merchants.models import Merchant
from karvon.merchants.selectors import merchant_ids_of

if TYPE_CHECKING:
    from karvon.accounts.models import User

TAGS = ["imports and exports"]
_OTHER_FIELDS = 64 * 1024
_Download = TypeVar("_Download", FileResponse, StreamingHttpResponse)


class ImportFileParser(MultiPartParser):
    """multipart/form-data with a catalogue file. Raises FileTooLarge by the announced size."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> DataAndFiles[Any, Any]:
        request = (parser_context or {})["request"]
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.KARVON_IMPORT_MAX_BYTES + _OTHER_FIELDS:
            raise FileTooLarge
        return super().parse(stream, media_type, parser_context)


def _merchant_to_write(user: User, merchant_id: int | None) -> Merchant:
    """The merchant that is named, or the person's only one.

    Raises ValidationFailed, and what `require` raises.
    """
    if merchant_id is None:
        merchant_ids = merchant_ids_of(user)
        if len(merchant_ids) != 1:
            raise ValidationFailed(details={"merchant": [_("Say which merchant the catalogue is of.")]})
        (merchant_id,) = merchant_ids
    return policies.require(user, merchant_id, policies.Action.MANAGE_CATALOGUE)


class ImportJobListView(GenericAPIView[CatalogJob]):
    permission_classes = [IsMerchantOrOperator]
    parser_classes = [ImportFileParser]
    serializer_class = ImportJobDetail

    @extend_schema(
        operation_id="import_jobs_list",
        tags=TAGS,
        summary="Imports",
        responses={200: ImportJobDetail(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[examples.IMPORT_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Of your merchants, newest first; operators see all."""
        page = self.paginate_queryset(selectors.list_jobs(principal=request.user, kind=JobKind.IMPORT))
        return self.get_paginated_response(ImportJobDetail(page, many=True).data)

    @extend_schema(
        operation_id="import_jobs_create",
        tags=TAGS,
        summary="Import a catalogue file",
        request={"multipart/form-data": ImportJobRequest},
        responses={202: ImportJobDetail, **errors(400, 401, 403, 404, 409, 413, 415, 429, 503)},
        examples=[examples.IMPORT_REQUEST, examples.IMPORT_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """Queued; ask for the job's progress. A merchant's imports run one after another."""
        body = ImportJobRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        job = jobs.create_import_job(
            merchant=_merchant_to_write(request.user, asked.get("merchant")),
            actor=request.user,
            format_name=asked["format"],
            file=asked["file"],
            file_name=asked["file"].name,
            dry_run=asked["dry_run"],
            language=asked.get("language", ""),
        )
        return Response(ImportJobDetail(job).data, status=status.HTTP_202_ACCEPTED)


class ImportJobView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="import_jobs_retrieve",
        tags=TAGS,
        summary="An import's progress",
        responses={200: ImportJobDetail, **errors(401, 403, 404, 429)},
        examples=[examples.IMPORT_ANSWER],
    )
    def get(self, request: Request, job_id: int) -> Response:
        """Counts are saved about once a second while it runs."""
        job = selectors.get_job(principal=request.user, kind=JobKind.IMPORT, job_id=job_id)
        return Response(ImportJobDetail(job).data)


class RefusedRowListView(GenericAPIView[CatalogJobRow]):
    permission_classes = [IsMerchantOrOperator]
    serializer_class = RefusedRow

    @extend_schema(
        operation_id="import_jobs_refused_rows",
        tags=TAGS,
        summary="Rows that were not imported",
        responses={200: RefusedRow(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[examples.REFUSED_ANSWER],
    )
    def get(self, request: Request, job_id: int) -> Response:
        """In the order of the file, with the reason; at most 10,000 are kept."""
        job = selectors.get_job(principal=request.user, kind=JobKind.IMPORT, job_id=job_id)
        page = self.paginate_queryset(selectors.list_refused_rows(job))
        return self.get_paginated_response(RefusedRow(page, many=True).data)


class RefusedRowFileView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="import_jobs_refused_rows_file",
        tags=TAGS,
        summary="Rows that were not imported, as CSV",
        responses={
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY),
            **errors(401, 403, 404, 429),
        },
    )
    def get(self, request: Request, job_id: int) -> StreamingHttpResponse:
        """With columns line, identifier, field, message."""
        job = selectors.get_job(principal=request.user, kind=JobKind.IMPORT, job_id=job_id)
        response = StreamingHttpResponse(_refused_rows_csv(job), content_type="text/csv; charset=utf-8")
        return _as_download(response, f"refused-{job.pk}.csv")


class ExportJobListView(GenericAPIView[CatalogJob]):
    permission_classes = [IsMerchantOrOperator]
    serializer_class = ExportJobDetail

    @extend_schema(
        operation_id="export_jobs_list",
        tags=TAGS,
        summary="Exports",
        responses={200: ExportJobDetail(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[examples.EXPORT_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Of your merchants, newest first; operators see all."""
        page = self.paginate_queryset(selectors.list_jobs(principal=request.user, kind=JobKind.EXPORT))
        return self.get_paginated_response(ExportJobDetail(page, many=True).data)

    @extend_schema(
        operation_id="export_jobs_create",
        tags=TAGS,
        summary="Export a catalogue",
        request=ExportJobRequest,
        responses={202: ExportJobDetail, **errors(400, 401, 403, 404, 409, 415, 429)},
        examples=[examples.EXPORT_REQUEST, examples.EXPORT_ANSWER],
    )
    def post(self, request: Request) -> Response:
        """As Karvon CSV, which can be imported again without loss."""
        body = ExportJobRequest(data=request.data)
        body.is_valid(raise_exception=True)
        merchant = _merchant_to_write(request.user, body.validated_data.get("merchant"))
        job = jobs.create_export_job(merchant=merchant, actor=request.user)
        return Response(ExportJobDetail(job).data, status=status.HTTP_202_ACCEPTED)


class ExportJobView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="export_jobs_retrieve",
        tags=TAGS,
        summary="An export's progress",
        responses={200: ExportJobDetail, **errors(401, 403, 404, 429)},
        examples=[examples.EXPORT_ANSWER],
    )
    def get(self, request: Request, job_id: int) -> Response:
        """Rows are products here."""
        job = selectors.get_job(principal=request.user, kind=JobKind.EXPORT, job_id=job_id)
        return Response(ExportJobDetail(job).data)


class ExportFileView(APIView):
    permission_classes = [IsMerchantOrOperator]

    @extend_schema(
        operation_id="export_jobs_file",
        tags=TAGS,
        summary="The exported file",
        responses={
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY),
            **errors(401, 403, 404, 429, 503),
        },
    )
    def get(self, request: Request, job_id: int) -> FileResponse:
        """404 `file_not_available` until the export is done, and after some days."""
        job = selectors.get_job(principal=request.user, kind=JobKind.EXPORT, job_id=job_id)
        response = FileResponse(selectors.open_export(job), content_type="text/csv; charset=utf-8")
        return _as_download(response, job.file_name)


def _as_download(response: _Download, name: str) -> _Download:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _refused_rows_csv(job: CatalogJob) -> Iterator[str]:
    columns = ("line", "identifier", "field", "message")
    yield "\ufeff" + _csv_line(columns)
    rows = selectors.list_refused_rows(job).values_list(*columns)
    for row in rows.iterator(chunk_size=1000):
        yield _csv_line([guard(str(cell)) for cell in row])


def _csv_line(cells: Any) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()
