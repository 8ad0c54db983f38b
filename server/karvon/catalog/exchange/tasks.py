"""Celery entry points of imports and exports."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from karvon.catalog.exchange import jobs


@shared_task(name="catalog.run_job")
def run_job(job_id: int, **kwargs: Any) -> None:
    jobs.run_job(job_id=job_id)


@shared_task(name="catalog.resume_jobs")
def resume_jobs(**kwargs: Any) -> int:
    """Hand over jobs that wait or whose worker died; how many."""
    job_ids = jobs.take_overdue_jobs()
    for job_id in job_ids:
        run_job.delay(job_id)
    return len(job_ids)


@shared_task(name="catalog.purge_job_files")
def purge_job_files(**kwargs: Any) -> int:
    """Remove files of old jobs; how many."""
    return jobs.purge_job_files()
