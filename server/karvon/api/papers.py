"""Papers over HTTP, read from a form, the same at every door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework import serializers
from rest_framework.parsers import DataAndFiles, MultiPartParser
from rest_framework.request import Request

from karvon.media.errors import DocumentTooLarge
from karvon.merchants.models import KycDocumentKind
from karvon.merchants.services import PaperUpload
from karvon.merchants.services.papers import MOST_AT_ONCE

_OTHER_FIELDS = 64 * 1024


class KycUploadParser(MultiPartParser):
    """multipart/form-data with papers, refused by its announced size before a byte is kept. Raises DocumentTooLarge."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> DataAndFiles[Any, Any]:
        request = (parser_context or {})["request"]
        most = settings.KARVON_KYC_MAX_BYTES * MOST_AT_ONCE + _OTHER_FIELDS
        if int(request.META.get("CONTENT_LENGTH") or 0) > most:
            raise DocumentTooLarge
        return super().parse(stream, media_type, parser_context)


class PaperForm(serializers.Serializer[Any]):
    """Each file under the name of its kind, or all under `documents` with `kinds` in the same order ("other" without)."""

    documents = serializers.ListField(child=serializers.FileField(), required=False)
    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=KycDocumentKind.choices), required=False
    )
    passport = serializers.FileField(required=False)
    registration_certificate = serializers.FileField(required=False)
    tax_certificate = serializers.FileField(required=False)
    bank_details = serializers.FileField(required=False)
    other = serializers.FileField(required=False)


def read_papers(request: Request) -> list[PaperUpload]:
    """Every file of the form with its kind."""
    files = request.FILES
    kinds = [str(kind) for kind in request.POST.getlist("kinds")]
    papers = [
        PaperUpload(kinds[number] if number < len(kinds) else KycDocumentKind.OTHER, file.name or "", file)
        for number, file in enumerate(files.getlist("documents"))
    ]
    for kind in KycDocumentKind:
        papers += [PaperUpload(kind, file.name or "", file) for file in files.getlist(kind)]
    return papers
