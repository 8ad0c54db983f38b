"""Imports and exports as the API takes and shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from karvon.catalog.exchange.formats import FORMATS
from karvon.catalog.models import JobState
from karvon.kernel.languages import LANGUAGES


class JobNote(serializers.Serializer[Any]):
    text = serializers.CharField()
    count = serializers.IntegerField()


class JobMerchant(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()


class ExportJobDetail(serializers.Serializer[Any]):
    """`rows_total` is null until it is known; `progress` is a percentage."""

    id = serializers.IntegerField()
    merchant = JobMerchant()
    format = serializers.CharField()
    state = serializers.ChoiceField(choices=JobState.choices)
    file_name = serializers.CharField()
    rows_total = serializers.IntegerField(allow_null=True)
    rows_done = serializers.IntegerField()
    progress = serializers.SerializerMethodField()
    error = serializers.CharField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_progress(self, job: Any) -> int:
        if job.state == JobState.DONE:
            return 100
        # a total that is still being counted would show an end that is not near
        return min(99, 100 * job.rows_done // job.rows_total) if job.rows_total else 0


class ImportJobDetail(ExportJobDetail):
    dry_run = serializers.BooleanField()
    language = serializers.CharField()
    products_created = serializers.IntegerField()
    products_updated = serializers.IntegerField()
    products_unchanged = serializers.IntegerField()
    rows_refused = serializers.IntegerField()
    notes = JobNote(many=True)


class ImportJobRequest(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True)
    format = serializers.ChoiceField(choices=sorted(FORMATS))
    dry_run = serializers.BooleanField(required=False, default=False)
    language = serializers.ChoiceField(choices=LANGUAGES, required=False, help_text="of the file's texts")
    merchant = serializers.IntegerField(
        min_value=1, required=False, help_text="for people of several merchants, and operators"
    )


class ExportJobRequest(serializers.Serializer[Any]):
    merchant = serializers.IntegerField(min_value=1, required=False)


class RefusedRow(serializers.Serializer[Any]):
    line = serializers.IntegerField(help_text="physical line in the file")
    identifier = serializers.CharField(help_text="handle or SKU, where known")
    field = serializers.CharField(help_text="column; empty when the whole row is meant")
    message = serializers.CharField()
