"""Fixtures for rooms whose events end in Celery tasks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture
def eager_tasks() -> Iterator[None]:
    """Celery tasks run at once, in the caller's transaction."""
    from karvon.celery import app

    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)
