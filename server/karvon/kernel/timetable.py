"""The part of `docs/operating.md` that tells what is done in the background: drawn from the settings of Celery."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import Any

from celery.schedules import crontab
from django.conf import settings

from karvon.kernel.drawing import put_between
from karvon.settings.queues import QUEUES

BEGIN = "<!-- drawn from the settings by `manage.py document_tasks`: change karvon/settings, not this -->"
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def draw_tables() -> str:
    """Queues, Celery's promises and beat's schedule, in Markdown."""
    queues = [f"| `{name}` | {what} | {otherwise} |" for name, (what, otherwise) in QUEUES.items()]
    promises = [
        (
            "late acknowledgement",
            settings.CELERY_TASK_ACKS_LATE,
            "a task is taken off its queue when it is done",
        ),
        (
            "requeue when a worker is lost",
            settings.CELERY_TASK_REJECT_ON_WORKER_LOST,
            "another worker does it",
        ),
        ("prefetch", settings.CELERY_WORKER_PREFETCH_MULTIPLIER, "a worker holds no more than it works at"),
        ("results kept", not settings.CELERY_TASK_IGNORE_RESULT, "what matters is in PostgreSQL"),
    ]
    entries = sorted(settings.CELERY_BEAT_SCHEDULE.values(), key=lambda entry: str(entry["task"]))
    return "\n".join(
        [
            "| queue | what is done there | if nobody does it |",
            "|---|---|---|",
            *queues,
            "",
            "| Celery | | |",
            "|---|---|---|",
            *(f"| {name} | {_said(value)} | {why} |" for name, value, why in promises),
            "",
            "| beat starts | when (UTC) | queue |",
            "|---|---|---|",
            *(_line(entry) for entry in entries),
        ]
    )


def put_into(document: str) -> str:
    """The document with what is drawn renewed. Raises ValueError where there is no place for it."""
    return put_between(document, BEGIN, draw_tables())


def _said(value: Any) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _line(entry: dict[str, Any]) -> str:
    name = str(entry["task"])
    return f"| `{name}` | {_when(entry['schedule'])} | `{_queue_of(name)}` |"


def _when(schedule: Any) -> str:
    if not isinstance(schedule, crontab):
        seconds = int(schedule.total_seconds() if hasattr(schedule, "total_seconds") else schedule)
        return f"every {seconds // 60} min" if seconds >= 60 else f"every {seconds} s"
    minute = f"{min(schedule.minute):02d}"
    if len(schedule.hour) == 24:
        return f"every hour, at :{minute}" if len(schedule.minute) == 1 else "every minute"
    moment = f"{min(schedule.hour)}:{minute}"
    if len(schedule.day_of_week) < 7:
        return f"{', '.join(_DAYS[day] for day in sorted(schedule.day_of_week))} {moment}"
    return f"daily {moment}"


def _queue_of(name: str) -> str:
    for pattern, route in settings.CELERY_TASK_ROUTES.items():
        if fnmatch(name, pattern):
            return str(route["queue"])
    return str(settings.CELERY_TASK_DEFAULT_QUEUE)
