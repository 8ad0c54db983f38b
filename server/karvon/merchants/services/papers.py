"""Papers: handed in by the owner, decided on by operators."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from karvon.accounts.names import refuse
from karvon.kernel.acting import doing
from karvon.kernel.clock import now as clock_now
from karvon.kernel.db import transactional
from karvon.kernel.errors import PermissionRefused
from karvon.kernel.events import publish
from karvon.media.documents import CleanDocument, clean_document, read_document
from karvon.media.storage import private_storage, put_private, remove_private
from karvon.merchants.errors import TooManyDocuments
from karvon.merchants.events import KycDecided, KycSubmitted
from karvon.merchants.machines import KYC_MACHINE, acting_role
from karvon.merchants.models import (
    DocumentState,
    KycDocument,
    KycDocumentKind,
    KycStatus,
    Merchant,
    StepSubject,
)
from karvon.merchants.policies import Action, require
from karvon.merchants.services.states import require_operator
from karvon.merchants.services.steps import lock_merchant, take_step

if TYPE_CHECKING:
    from karvon.accounts.models import User

FOLDER = "kyc"
MOST_AT_ONCE = 10
MOST_PENDING = 30
LONGEST_NAME = 120
# files that no row names: their upload died half-way, or is just going on
ORPHAN_AGE = timedelta(days=1)
DECISIONS = (KycStatus.APPROVED, KycStatus.REJECTED)


@dataclass(frozen=True)
class PaperUpload:
    """One file as it came; `name` is the client's and only shown."""

    kind: str
    name: str
    data: BinaryIO


@dataclass(frozen=True)
class _Kept:
    upload: PaperUpload
    clean: CleanDocument
    digest: str
    file: str


def submit_kyc(*, actor: User | None, merchant_id: int, papers: Sequence[PaperUpload]) -> Merchant:
    """Hands papers in for a decision; while they wait, more may follow. The same file again is there once.

    Raises ValidationFailed, DocumentTooLarge (413), UnsupportedDocument (415), BrokenDocument, InvalidTransition
    (approved already), TooManyDocuments, StorageFull, and what `policies.require` raises; then nothing is kept.
    """
    merchant = require(actor, merchant_id, Action.MANAGE_PAPERS)
    _check(papers)
    if merchant.kyc_status != KycStatus.PENDING:
        # before anything is decoded
        KYC_MACHINE.check(merchant.kyc_status, KycStatus.PENDING, acting_role(actor))
    kept: list[_Kept] = []
    named: set[str] = set()
    try:
        for paper in papers:
            kept.append(_keep(merchant_id, paper))
        with doing("submit_kyc"):
            merchant, named = _record(actor=actor, merchant_id=merchant_id, kept=kept)
    finally:
        for each in kept:
            if each.file not in named:
                remove_private(each.file)
    return merchant


def _check(papers: Sequence[PaperUpload]) -> None:
    if not papers:
        raise refuse("documents", _("Send at least one file."))
    if len(papers) > MOST_AT_ONCE:
        raise refuse("documents", _("Send ten files at most."))
    if any(paper.kind not in KycDocumentKind for paper in papers):
        raise refuse("kinds", _("Not one of the choices."))


def _keep(merchant_id: int, paper: PaperUpload) -> _Kept:
    source = read_document(paper.data, max_bytes=settings.KARVON_KYC_MAX_BYTES)
    clean = clean_document(source)
    name = f"{FOLDER}/{merchant_id}/{uuid4().hex}.{clean.extension}"
    # the file first: a row never names a file that is not there
    put_private(name, ContentFile(clean.data))
    return _Kept(paper, clean, hashlib.sha256(source).hexdigest(), name)


@transactional
def _record(*, actor: User | None, merchant_id: int, kept: Sequence[_Kept]) -> tuple[Merchant, set[str]]:
    """Rows and step; which of the files they name."""
    require(actor, merchant_id, Action.MANAGE_PAPERS)
    merchant = lock_merchant(merchant_id)
    waiting = KycDocument.objects.filter(merchant=merchant, state=DocumentState.PENDING)
    known = set(waiting.values_list("source_sha256", flat=True))
    rows: dict[str, KycDocument] = {}
    for each in kept:
        if each.digest not in known:
            rows.setdefault(each.digest, _row(merchant, actor, each))
    if len(known) + len(rows) > MOST_PENDING:
        raise TooManyDocuments
    KycDocument.objects.bulk_create(rows.values())
    if merchant.kyc_status != KycStatus.PENDING:
        step = take_step(merchant, StepSubject.KYC, KycStatus.PENDING, actor=actor)
        publish(KycSubmitted(merchant_id=merchant.pk, step_id=step.pk))
    return merchant, {row.file for row in rows.values()}


def _row(merchant: Merchant, actor: User | None, kept: _Kept) -> KycDocument:
    return KycDocument(
        merchant=merchant,
        kind=kept.upload.kind,
        name=shown_name(kept.upload.name) or f"{kept.upload.kind}.{kept.clean.extension}",
        file=kept.file,
        content_type=kept.clean.content_type,
        size_bytes=len(kept.clean.data),
        source_sha256=kept.digest,
        uploaded_by=actor,
    )


def shown_name(raw: str) -> str:
    """The last part of what a client called a file, printable and short."""
    last = unicodedata.normalize("NFKC", raw).replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable()).strip(" .")[:LONGEST_NAME]


@transactional
def decide_kyc(*, actor: User | None, merchant_id: int, decision: str, note: str = "") -> Merchant:
    """Approves or rejects the papers that wait. Operators only, never of a shop of their own; a rejection says why.

    Raises ValidationFailed, InvalidTransition (nothing waits, or somebody was faster), RoleNotSufficient,
    PermissionRefused, MerchantNotFound.
    """
    require_operator(actor, merchant_id)
    if decision not in DECISIONS:
        raise refuse("decision", _("Not one of the choices."))
    if decision == KycStatus.REJECTED and not note.strip():
        raise refuse("note", _("Say what is wrong with the papers."))
    merchant = lock_merchant(merchant_id)
    if actor is not None and merchant.owner_id == actor.pk:
        raise PermissionRefused
    step = take_step(merchant, StepSubject.KYC, decision, actor=actor, note=note)
    merchant.kyc_documents.filter(state=DocumentState.PENDING).update(state=decision)
    publish(KycDecided(merchant_id=merchant.pk, step_id=step.pk, to_state=decision))
    return merchant


def purge_orphan_papers(*, now: datetime | None = None) -> int:
    """Removes files that no row names and that are older than a day; how many."""
    before, storage, removed = (now or clock_now()) - ORPHAN_AGE, private_storage(), 0
    try:
        merchants, _files = storage.listdir(FOLDER)
    except FileNotFoundError:
        return 0
    for merchant_id in merchants:
        folder = f"{FOLDER}/{merchant_id}"
        names = {f"{folder}/{name}" for name in storage.listdir(folder)[1]}
        orphans = names - set(KycDocument.objects.filter(file__in=names).values_list("file", flat=True))
        for name in sorted(orphans):
            if storage.get_modified_time(name) < before:
                remove_private(name)
                removed += 1
    return removed
