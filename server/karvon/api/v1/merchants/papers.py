"""Papers as the API shows them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from karvon.accounts.models import User
from karvon.api.v1.merchants.serializers import BranchMerchant
from karvon.merchants.models import DocumentState, KycDocument, KycDocumentKind, KycStatus, Merchant
from karvon.merchants.selectors import Papers
from karvon.merchants.services.papers import DECISIONS


class KycDocumentDetail(serializers.Serializer[Any]):
    """A paper. `url` is a download for operators and null for everybody else."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=KycDocumentKind.choices)
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=DocumentState.choices)
    created_at = serializers.DateTimeField()
    url = serializers.CharField(allow_null=True)


class KycPapers(serializers.Serializer[Any]):
    """`note` and `decided_at` are of the last decision."""

    kyc_status = serializers.ChoiceField(choices=KycStatus.choices)
    note = serializers.CharField(allow_blank=True)
    submitted_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    documents = KycDocumentDetail(many=True)


class KycDecisionRequest(serializers.Serializer[Any]):
    """A rejection needs a note."""

    decision = serializers.ChoiceField(choices=[(status.value, status.label) for status in DECISIONS])
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class KycQueueEntry(serializers.Serializer[Any]):
    """A merchant whose papers wait."""

    merchant = BranchMerchant()
    submitted_at = serializers.DateTimeField(allow_null=True)


def papers_json(papers: Papers, caller: User) -> dict[str, Any]:
    """The body for this caller."""
    return dict(
        KycPapers(
            {
                "kyc_status": papers.merchant.kyc_status,
                "note": papers.note,
                "submitted_at": papers.submitted_at,
                "decided_at": papers.decided_at,
                "documents": [_document(document, caller) for document in papers.documents],
            }
        ).data
    )


def _document(document: KycDocument, caller: User) -> dict[str, Any]:
    fields = {name: getattr(document, name) for name in ("id", "kind", "name", "state", "created_at")}
    return fields | {"url": document_url(document) if caller.is_operator else None}


def document_url(document: KycDocument) -> str:
    """Where operators download a paper with their token."""
    return reverse("merchant-kyc-document", kwargs={"key": document.merchant_id, "document_id": document.pk})


def queue_json(merchant: Merchant) -> dict[str, Any]:
    """One entry of the queue."""
    return dict(
        KycQueueEntry({"merchant": merchant, "submitted_at": getattr(merchant, "submitted_at", None)}).data
    )
