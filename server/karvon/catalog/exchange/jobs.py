"""Imports and exports as jobs: queued with their file, run by a worker, picked up again when the worker dies.

A job may be run twice without harm: imports recognise what they have written before, exports write the file
anew.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from django.conf import settings
from django.core.files.base import File
from django.db.models import Q
from django.utils.translation import gettext as _

from karvon.accounts.acting import actor_of
from karvon.catalog.exchange.errors import FileRefused, ImportRunning, JobFileGone, TooManyJobs
from karvon.catalog.exchange.events import CatalogJobQueued
from karvon.catalog.exchange.exporting import count_products, export_catalogue
from karvon.catalog.exchange.formats import FORMATS
from karvon.catalog.exchange.importing import ImportReport, ImportRun
from karvon.catalog.exchange.lock import import_lock
from karvon.catalog.exchange.rows import Refusal
from karvon.catalog.models import CatalogJob, CatalogJobRow, JobKind, JobState
from karvon.kernel.acting import doing, in_name_of
from karvon.kernel.clock import now as current_time
from karvon.kernel.db import transactional
from karvon.kernel.errors import DependencyDown, DomainError, LockTimeout
from karvon.kernel.events import publish
from karvon.media.storage import open_private, private_storage, put_private, remove_private
from karvon.merchants import policies

if TYPE_CHECKING:
    from karvon.accounts.models import User
    from karvon.catalog.exchange.images import ImageFolder
    from karvon.merchants.models import Merchant

_FOLDER: Final = "jobs"
MOST_OPEN_JOBS: Final = 5
MOST_REFUSED_ROWS: Final = 10_000  # kept per job; all are counted
MOST_ATTEMPTS: Final = 5
SILENT_SECONDS: Final = 60  # after which a running job's worker counts as dead
WAITING_SECONDS: Final = 20  # after which a queued job is handed over again


def create_import_job(
    *,
    merchant: Merchant,
    actor: User,
    format_name: str,
    file: File[Any],
    file_name: str,
    dry_run: bool = False,
    language: str = "",
    now: datetime | None = None,
) -> CatalogJob:
    """Queue an import of `file`.

    Raises FileRefused, TooManyJobs, StorageFull, and what `policies.require` raises.
    """
    policies.require(actor, merchant.pk, policies.Action.MANAGE_CATALOGUE)
    _refuse_too_many(merchant)
    if format_name not in FORMATS:
        raise FileRefused(_("There is no format of this name."), code="format_unknown")
    name = put_private(_new_name(now), file)
    return _queue(
        merchant=merchant,
        created_by=actor,
        kind=JobKind.IMPORT,
        format=format_name,
        dry_run=dry_run,
        language=language,
        file=name,
        file_name=file_name.replace("\0", "")[:255],
    )


def create_export_job(*, merchant: Merchant, actor: User) -> CatalogJob:
    """Queue an export of the whole catalogue. Raises TooManyJobs, and what `policies.require` raises."""
    policies.require(actor, merchant.pk, policies.Action.MANAGE_CATALOGUE)
    _refuse_too_many(merchant)
    return _queue(
        merchant=merchant,
        created_by=actor,
        kind=JobKind.EXPORT,
        format="karvon",
        file_name=f"{merchant.username}.csv",
    )


@transactional
def _queue(**fields: Any) -> CatalogJob:
    job = CatalogJob.objects.create(**fields)
    publish(CatalogJobQueued(job_id=job.pk))
    return job


def _refuse_too_many(merchant: Merchant) -> None:
    open_jobs = CatalogJob.objects.filter(merchant=merchant, state__in=(JobState.QUEUED, JobState.RUNNING))
    if open_jobs.count() >= MOST_OPEN_JOBS:
        raise TooManyJobs


def run_job(*, job_id: int) -> None:
    """Run a queued job to its end; a job that runs elsewhere or has ended is left alone.

    What is wrong with the file ends the job as failed. What is wrong with the server (no database, no
    storage) is raised; the job is handed over again when its heartbeat has been silent for a while.
    """
    job = _claim(job_id=job_id)
    if job is None:
        return
    person = actor_of(job.created_by) if job.created_by else None
    with in_name_of(person), doing(f"{job.kind}_catalogue"):
        _run(job)


def _run(job: CatalogJob) -> None:
    try:
        if job.kind == JobKind.IMPORT:
            _run_stored_import(job)
        else:
            _run_export(job)
    except ImportRunning:
        _give_back(job)
    except (DependencyDown, LockTimeout):
        raise
    except DomainError as error:
        _finish(job, JobState.FAILED, str(error))
    if job.kind == JobKind.IMPORT and job.finished_at is not None:
        _wake_next(job.merchant_id)


def run_import_now(
    *,
    merchant: Merchant,
    actor: User | None,
    format_name: str,
    source: BinaryIO,
    file_name: str,
    dry_run: bool = False,
    language: str = "",
    images: ImageFolder | None = None,
    wait_seconds: float = 0,
    journal: JobJournal | None = None,
) -> CatalogJob:
    """Import `source` in this process and return the finished job (for the command line).

    Raises ImportRunning when another import of the merchant does not end within `wait_seconds`, FileRefused,
    and DependencyDown or LockTimeout when the server cannot go on: the sweep then ends the job.
    """
    with import_lock(merchant.pk, wait_seconds=wait_seconds):
        job = CatalogJob.objects.create(
            merchant=merchant,
            created_by=actor,
            kind=JobKind.IMPORT,
            format=format_name,
            dry_run=dry_run,
            language=language,
            file_name=file_name[:255],
            state=JobState.RUNNING,
            attempts=1,
            started_at=current_time(),
            heartbeat_at=current_time(),
        )
        try:
            _run_import(job, source, images=images, journal=journal)
        except (DependencyDown, LockTimeout):
            raise
        except DomainError as error:
            _finish(job, JobState.FAILED, str(error))
            raise
    return job


@transactional
def take_overdue_jobs(*, now: datetime | None = None) -> list[int]:
    """Jobs to be handed to a worker again: waiting for too long, or running without a sign of life."""
    time = now or current_time()
    waited = time - timedelta(seconds=WAITING_SECONDS)
    overdue = CatalogJob.objects.select_for_update(skip_locked=True).filter(
        Q(state=JobState.QUEUED, created_at__lt=waited)
        & (Q(heartbeat_at__isnull=True) | Q(heartbeat_at__lt=waited))
        | Q(state=JobState.RUNNING, heartbeat_at__lt=time - timedelta(seconds=SILENT_SECONDS))
    )
    taken = []
    for job in overdue.order_by("id")[:50]:
        if job.attempts >= MOST_ATTEMPTS or (job.kind == JobKind.IMPORT and not job.file):
            job.state, job.finished_at = JobState.FAILED, time
            job.error = _("The work was interrupted. Please start it again: what is imported already stays.")
        else:
            job.state = JobState.QUEUED
            taken.append(job.pk)
        # queued anew: not to be handed over again at the next sweep while it waits for a worker
        job.heartbeat_at = time
        job.save(update_fields=["state", "heartbeat_at", "finished_at", "error"])
    return taken


def purge_job_files(*, now: datetime | None = None) -> int:
    """Remove files of jobs older than KARVON_JOB_FILE_DAYS; how many."""
    time = now or current_time()
    keep_from = f"{time - timedelta(days=settings.KARVON_JOB_FILE_DAYS):%Y%m%d}"
    storage = private_storage()
    try:
        days = storage.listdir(_FOLDER)[0]
    except FileNotFoundError:
        return 0
    removed = 0
    for day in sorted(days):
        if day >= keep_from:
            continue
        for name in storage.listdir(f"{_FOLDER}/{day}")[1]:
            remove_private(f"{_FOLDER}/{day}/{name}")
            removed += 1
        CatalogJob.objects.filter(file__startswith=f"{_FOLDER}/{day}/").update(file="")
    return removed


def _new_name(now: datetime | None) -> str:
    return f"{_FOLDER}/{now or current_time():%Y%m%d}/{secrets.token_urlsafe(24)}.csv"


@transactional
def _claim(*, job_id: int) -> CatalogJob | None:
    job = CatalogJob.objects.select_for_update().filter(pk=job_id).first()
    if job is None or job.state != JobState.QUEUED:
        return None
    time = current_time()
    job.state, job.heartbeat_at, job.started_at = JobState.RUNNING, time, job.started_at or time
    job.attempts += 1
    job.save(update_fields=["state", "heartbeat_at", "started_at", "attempts"])
    # a second run reports anew
    CatalogJobRow.objects.filter(job=job).delete()
    return job


@transactional
def _give_back(job: CatalogJob) -> None:
    """Another import of the merchant is running: wait for the next sweep, and count no attempt."""
    CatalogJob.objects.filter(pk=job.pk).update(
        state=JobState.QUEUED, heartbeat_at=current_time(), attempts=job.attempts - 1
    )


@transactional
def _wake_next(merchant_id: int) -> None:
    """Hand over the import that waited for this one, so that it need not wait for the sweep as well."""
    waiting = CatalogJob.objects.filter(
        merchant_id=merchant_id, kind=JobKind.IMPORT, state=JobState.QUEUED, heartbeat_at__isnull=False
    )
    job = waiting.order_by("id").first()
    if job is not None:
        publish(CatalogJobQueued(job_id=job.pk))


def _run_stored_import(job: CatalogJob) -> None:
    # the merchant may have been suspended, or its helper dismissed, since the job was queued
    policies.require(job.created_by, job.merchant_id, policies.Action.MANAGE_CATALOGUE)
    try:
        file = open_private(job.file)
    except FileNotFoundError as error:
        raise JobFileGone from error
    with file, import_lock(job.merchant_id):
        _run_import(job, file)


def _run_import(
    job: CatalogJob,
    source: BinaryIO | File[Any],
    *,
    images: ImageFolder | None = None,
    journal: JobJournal | None = None,
) -> None:
    journal = journal or JobJournal()
    journal.attach(job)
    run = ImportRun(
        merchant=job.merchant,
        actor=job.created_by,
        format_=FORMATS[job.format],
        language=job.language or job.merchant.default_language,
        dry_run=job.dry_run,
        images=images,
        journal=journal,
    )
    report = run.execute(source)
    journal.note(report)
    _finish(job, JobState.DONE, "")


def _run_export(job: CatalogJob) -> None:
    total = count_products(job.merchant)
    with tempfile.TemporaryFile() as target:
        for piece in export_catalogue(job.merchant, on_progress=lambda done: _note_export(job, total, done)):
            target.write(piece)
        target.seek(0)
        job.file = put_private(job.file or _new_name(None), File(target))
    job.save(update_fields=["file"])
    _finish(job, JobState.DONE, "")


def _note_export(job: CatalogJob, total: int, done: int) -> None:
    job.rows_total, job.rows_done, job.heartbeat_at = max(total, done), done, current_time()
    job.save(update_fields=["rows_total", "rows_done", "heartbeat_at"])


def _finish(job: CatalogJob, state: JobState, error: str) -> None:
    job.state, job.error, job.finished_at = state, error[:500], current_time()
    job.save(update_fields=["state", "error", "finished_at"])


class JobJournal:
    """Writes an import's progress and refused rows to its job; the command line prints them on the way."""

    def __init__(self) -> None:
        self._job: CatalogJob | None = None
        self._kept = 0

    def attach(self, job: CatalogJob) -> None:
        self._job = job

    def note(self, report: ImportReport) -> None:
        """Save counts and the heartbeat."""
        job = self._job
        if job is None:
            return
        job.rows_total, job.rows_done, job.rows_refused = (
            report.rows_total,
            report.rows_done,
            report.rows_refused,
        )
        job.products_created, job.products_updated = report.created, report.updated
        job.products_unchanged, job.notes = report.unchanged, report.list_notes()
        job.heartbeat_at = current_time()
        job.save(
            update_fields=[
                "rows_total", "rows_done", "rows_refused", "products_created", "products_updated",
                "products_unchanged", "notes", "heartbeat_at",
            ]
        )  # fmt: skip

    def refuse(self, refusals: Sequence[Refusal]) -> None:
        """Keep refused rows, as many as anyone may read."""
        kept = refusals[: max(0, MOST_REFUSED_ROWS - self._kept)]
        self._kept += len(kept)
        CatalogJobRow.objects.bulk_create(
            CatalogJobRow(
                job=self._job,
                line=one.line,
                field=one.field[:100],
                message=one.message[:500],
                identifier=one.identifier[:255],
            )
            for one in kept
        )
