"""What is done in the background, as the operators' guide tells it."""

from __future__ import annotations

from celery.schedules import crontab
from django.conf import settings
from django.core.management import call_command

from karvon.kernel import timetable


def test_the_guide_tells_what_the_settings_say() -> None:
    call_command("document_tasks", "--check")


def test_every_scheduled_task_is_there_with_its_moment_and_queue() -> None:
    drawn = timetable.draw_tables()

    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        line = next(line for line in drawn.splitlines() if f"`{entry['task']}`" in line)
        _empty, _name, when, queue, _end = (part.strip() for part in line.split("|"))
        assert when
        assert queue.strip("`") in settings.KARVON_QUEUES


def test_moments_are_said_in_words() -> None:
    said = [timetable._when(each) for each in (5.0, 300.0, crontab(minute=11), crontab(hour=2, minute=5),
            crontab(hour=4, minute=0, day_of_week=1))]  # fmt: skip

    assert said == ["every 5 s", "every 5 min", "every hour, at :11", "daily 2:05", "Monday 4:00"]


def test_celery_keeps_what_it_has_promised() -> None:
    assert settings.CELERY_TASK_ACKS_LATE
    assert settings.CELERY_TASK_REJECT_ON_WORKER_LOST
    assert settings.CELERY_WORKER_PREFETCH_MULTIPLIER == 1
    assert {"emails", "reports", "default"} <= set(settings.KARVON_QUEUES)
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    assert routed | {settings.CELERY_TASK_DEFAULT_QUEUE} <= set(settings.KARVON_QUEUES)
