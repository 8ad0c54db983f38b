"""Imports and exports as jobs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_user
from karvon.catalog.exchange import jobs, selectors
from karvon.catalog.exchange.errors import ImportRunning, JobFileGone, TooManyJobs
from karvon.catalog.exchange.lock import import_lock
from karvon.catalog.exchange.tests.factories import counts, make_csv, make_merchant, run, shopify_row
from karvon.catalog.models import CatalogJob, JobKind, JobState, Product
from karvon.kernel.clock import now
from karvon.kernel.errors import DomainError, NotFound
from karvon.kernel.testing import drain_outbox
from karvon.media.storage import private_storage
from karvon.merchants.models import Merchant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("eager_tasks")]


@pytest.fixture
def merchant() -> Merchant:
    return make_merchant()


def queue(merchant: Merchant, text: str, **options: Any) -> CatalogJob:
    options = {"actor": merchant.owner, "format_name": "shopify", "file_name": "../my shop.csv", **options}
    return jobs.create_import_job(merchant=merchant, file=ContentFile(text.encode()), **options)


def fresh(job: CatalogJob) -> CatalogJob:
    return CatalogJob.objects.get(pk=job.pk)


def test_an_import_is_queued_run_and_reported(merchant: Merchant) -> None:
    job = queue(merchant, make_csv([shopify_row("a"), shopify_row("b", **{"Variant Price": "-1"})]))
    assert (job.state, Product.objects.count()) == (JobState.QUEUED, 0)

    drain_outbox()

    job = fresh(job)
    assert (job.state, job.error) == (JobState.DONE, "")
    assert counts(job) == {"rows": 2, "created": 1, "updated": 0, "unchanged": 0, "refused": 1}
    assert [row.line for row in selectors.list_refused_rows(job)] == [3]
    assert job.finished_at is not None


def test_running_a_finished_job_again_does_nothing(merchant: Merchant) -> None:
    job = queue(merchant, make_csv([shopify_row("a")]))
    jobs.run_job(job_id=job.pk)
    before = fresh(job).finished_at

    jobs.run_job(job_id=job.pk)

    assert fresh(job).finished_at == before


def test_a_file_of_another_kind_ends_the_job(merchant: Merchant) -> None:
    job = queue(merchant, "a,b\n1,2\n")

    jobs.run_job(job_id=job.pk)

    assert fresh(job).state == JobState.FAILED
    assert fresh(job).error == (
        "This is not a Shopify product file: these columns are missing: handle, title, variant price."
    )


def test_a_job_whose_worker_died_is_taken_up_again(merchant: Merchant) -> None:
    job = queue(merchant, make_csv([shopify_row("a")]))
    CatalogJob.objects.update(state=JobState.RUNNING, heartbeat_at=now(), attempts=1)

    assert jobs.take_overdue_jobs(now=now() + timedelta(seconds=50)) == []
    assert jobs.take_overdue_jobs(now=now() + timedelta(seconds=70)) == [job.pk]
    assert jobs.take_overdue_jobs(now=now() + timedelta(seconds=71)) == []
    jobs.run_job(job_id=job.pk)

    assert (fresh(job).state, fresh(job).attempts, fresh(job).products_created) == (JobState.DONE, 2, 1)


def test_a_job_that_keeps_dying_is_given_up(merchant: Merchant) -> None:
    job = queue(merchant, make_csv([shopify_row("a")]))
    CatalogJob.objects.update(state=JobState.RUNNING, heartbeat_at=now(), attempts=jobs.MOST_ATTEMPTS)

    assert jobs.take_overdue_jobs(now=now() + timedelta(seconds=70)) == []

    assert fresh(job).state == JobState.FAILED
    assert "interrupted" in fresh(job).error


def test_a_queued_job_that_nobody_took_is_handed_over_again(merchant: Merchant) -> None:
    job = queue(merchant, make_csv([shopify_row("a")]))

    assert jobs.take_overdue_jobs(now=now() + timedelta(seconds=5)) == []
    assert jobs.take_overdue_jobs(now=now() + timedelta(seconds=25)) == [job.pk]


def test_jobs_of_a_merchant_are_few(merchant: Merchant) -> None:
    for _number in range(jobs.MOST_OPEN_JOBS):
        queue(merchant, "x")

    with pytest.raises(TooManyJobs):
        queue(merchant, "x")
    with pytest.raises(TooManyJobs):
        jobs.create_export_job(merchant=merchant, actor=merchant.owner)
    assert CatalogJob.objects.count() == jobs.MOST_OPEN_JOBS
    queue(make_merchant("other"), "x")


def test_an_export_is_a_private_file(merchant: Merchant) -> None:
    run(merchant, make_csv([shopify_row("a"), shopify_row("b")]), "shopify")
    job = jobs.create_export_job(merchant=merchant, actor=merchant.owner)
    with pytest.raises(JobFileGone):
        selectors.open_export(job)

    drain_outbox()

    job = fresh(job)
    assert (job.state, job.rows_done) == (JobState.DONE, 2)
    with selectors.open_export(job) as file:
        assert file.read().count(b"\r\n") == 3


def test_files_are_removed_after_some_days(merchant: Merchant, settings: Any, tmp_path: Path) -> None:
    # a storage of its own: other tests leave files of all days in the common one
    private = {**settings.STORAGES["private"], "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "private": private}
    job = queue(merchant, "x")

    assert jobs.purge_job_files(now=now() + timedelta(days=6)) == 0
    assert private_storage().exists(job.file)
    assert jobs.purge_job_files(now=now() + timedelta(days=9)) == 1

    assert fresh(job).file == ""
    assert not private_storage().exists(job.file)


def test_only_the_merchant_s_people_see_its_jobs(merchant: Merchant) -> None:
    job = queue(merchant, "x")
    stranger = make_merchant("other").owner
    operator = make_user(role=Role.STAFF)

    for person in (merchant.owner, operator):
        assert selectors.get_job(principal=person, kind=JobKind.IMPORT, job_id=job.pk) == job
    with pytest.raises(NotFound):
        selectors.get_job(principal=stranger, kind=JobKind.IMPORT, job_id=job.pk)
    with pytest.raises(NotFound):
        selectors.get_job(principal=merchant.owner, kind=JobKind.EXPORT, job_id=job.pk)
    with pytest.raises(DomainError):
        queue(merchant, "x", actor=stranger)
    assert CatalogJob.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_second_import_waits_or_is_refused(merchant: Merchant) -> None:
    job = queue(merchant, make_csv([shopify_row("a")]))

    with import_lock(merchant.pk):
        with pytest.raises(ImportRunning):
            run(merchant, make_csv([shopify_row("a")]), "shopify")
        jobs.run_job(job_id=job.pk)
        assert (fresh(job).state, fresh(job).attempts) == (JobState.QUEUED, 0)
        with import_lock(make_merchant("other").pk):
            pass
    jobs.run_job(job_id=job.pk)

    assert fresh(job).state == JobState.DONE


@pytest.mark.django_db(transaction=True)
def test_an_import_that_waited_starts_when_the_one_before_it_ends(merchant: Merchant) -> None:
    first, second = (queue(merchant, make_csv([shopify_row(name)])) for name in "ab")
    with import_lock(merchant.pk):
        drain_outbox()  # both are handed over, and both find another one running
    assert fresh(second).state == JobState.QUEUED

    jobs.run_job(job_id=first.pk)
    drain_outbox()

    assert [fresh(job).state for job in (first, second)] == [JobState.DONE, JobState.DONE]
