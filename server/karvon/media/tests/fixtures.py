"""Fixtures for rooms whose events end in Celery tasks."""

from __future__ import annotations

import pytest


@pytest.fixture
def eager_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Celery tasks run at once, in the caller's transaction."""
    from karvon.celery import app

    monkeypatch.setitem(app.conf, "task_always_eager", True)
    monkeypatch.setitem(app.conf, "task_eager_propagates", True)
