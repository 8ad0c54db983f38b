"""Signs of life of the processes behind the web server, and how far behind their work is.

A row per kind of process, written by whichever of them is at work: it tells that work gets done, not that a
process exists. The workers' sign goes the way of every task - beat, broker, worker, database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from karvon.kernel import clock

RELAY, WORKER = "relay", "worker"
EVERY = timedelta(seconds=10)
MOST_COUNTED = 1000

_NOTE = """
INSERT INTO kernel_heartbeat (name, noted_at) VALUES (%s, %s)
ON CONFLICT (name) DO UPDATE SET noted_at = greatest(kernel_heartbeat.noted_at, excluded.noted_at)
"""

# Walks two partial indexes, and not far. What a handler has failed at before waits for its next time, not for a
# worker; what nobody has tried is as old as its event, however often the relay has handed it over.
_READ = """
WITH untold AS (
    SELECT created_at FROM kernel_outboxevent WHERE relayed_at IS NULL ORDER BY created_at, id LIMIT %(most)s
), untried AS (
    SELECT event.created_at
    FROM (SELECT event_id FROM kernel_eventdelivery WHERE state = 'pending' AND attempts = 0
          ORDER BY next_attempt_at LIMIT %(most)s) AS delivery
    JOIN kernel_outboxevent AS event ON event.id = delivery.event_id
)
SELECT (SELECT noted_at FROM kernel_heartbeat WHERE name = 'relay'),
       (SELECT noted_at FROM kernel_heartbeat WHERE name = 'worker'),
       (SELECT count(*) FROM untold) + (SELECT count(*) FROM untried),
       least((SELECT min(created_at) FROM untold), (SELECT min(created_at) FROM untried)),
       (SELECT count(*) FROM (SELECT 1 FROM kernel_eventdelivery WHERE state = 'dead' LIMIT %(most)s) AS dead)
"""


@dataclass(frozen=True, slots=True)
class Background:
    """When relay and workers were last seen at work (None: never), and what waits for them.

    `waiting` counts events that were not relayed and deliveries that nobody has tried, up to a thousand of each;
    `oldest` is the age of the first of them; `given_up` counts deliveries that wait for a person.
    """

    relay_at: datetime | None
    worker_at: datetime | None
    waiting: int
    oldest: timedelta
    given_up: int


def note_heartbeat(name: str, *, now: datetime | None = None) -> None:
    """Say that a kind of process is at work: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [name, now or clock.now()])


def read_background(*, now: datetime | None = None) -> Background:
    """The state of everything behind the web server: one query."""
    now = now or clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"most": MOST_COUNTED})
        relay_at, worker_at, waiting, oldest_at, given_up = cursor.fetchone()
    oldest = max(now - oldest_at, timedelta(0)) if oldest_at else timedelta(0)
    return Background(relay_at, worker_at, waiting, oldest, given_up)
