"""Reads of import and export jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from karvon.catalog.exchange.errors import JobFileGone
from karvon.catalog.models import CatalogJob, CatalogJobRow, JobKind, JobState
from karvon.kernel.errors import NotFound
from karvon.media.storage import open_private
from karvon.merchants.selectors import merchant_ids_of

if TYPE_CHECKING:
    from django.core.files.base import File

    from karvon.accounts.models import User


def list_jobs(*, principal: User | AnonymousUser, kind: JobKind) -> QuerySet[CatalogJob]:
    """Jobs of the principal's merchants (an operator: of all), newest first; one query."""
    jobs = CatalogJob.objects.filter(kind=kind).select_related("merchant").order_by("-id")
    if isinstance(principal, AnonymousUser):
        return jobs.none()
    return jobs if principal.is_operator else jobs.filter(merchant_id__in=merchant_ids_of(principal))


def get_job(*, principal: User | AnonymousUser, kind: JobKind, job_id: int) -> CatalogJob:
    """One of `list_jobs`. Raises NotFound."""
    job = list_jobs(principal=principal, kind=kind).filter(pk=job_id).first()
    if job is None:
        raise NotFound
    return job


def list_refused_rows(job: CatalogJob) -> QuerySet[CatalogJobRow]:
    """What was not imported, in the order of the file."""
    return CatalogJobRow.objects.filter(job=job).order_by("line", "id")


def open_export(job: CatalogJob) -> File[Any]:
    """The finished file of an export. Raises JobFileGone."""
    if job.state != JobState.DONE or not job.file:
        raise JobFileGone
    try:
        return open_private(job.file)
    except FileNotFoundError as error:
        raise JobFileGone from error
