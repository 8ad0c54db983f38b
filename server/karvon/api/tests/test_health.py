"""What load balancers and people are told about the shop."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from karvon.api import health
from karvon.kernel import clock, heartbeats
from karvon.kernel.models import DeliveryState, EventDelivery, Heartbeat, OutboxEvent

pytestmark = pytest.mark.django_db

PATHS = ["/health/", "/health/ready", "/api/v1/health/"]


def make_event(*, seconds: int, relayed: bool, **delivery: Any) -> OutboxEvent:
    """An event of so many seconds ago; relayed with a delivery."""
    then = clock.now() - timedelta(seconds=seconds)
    event = OutboxEvent.objects.create(
        type="test.happened", payload={}, created_at=then, relayed_at=then if relayed else None
    )
    if relayed:
        EventDelivery.objects.create(event=event, handler="test.handler", **delivery)
    return event


@pytest.fixture
def at_work() -> None:
    """Relay and workers are seen now."""
    heartbeats.note_heartbeat(heartbeats.RELAY)
    heartbeats.note_heartbeat(heartbeats.WORKER)


@pytest.mark.parametrize("path", PATHS)
def test_a_shop_with_everything_at_work_is_healthy(client: Client, at_work: None, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert answer.json() == health.HEALTHY | {
        "background": health.HEALTHY["background"] | {"relay_seconds": 0, "worker_seconds": 0}
    }


def test_workers_that_nobody_has_ever_seen_are_not_missed_before_something_waits(client: Client) -> None:
    quiet = client.get("/health/").json()

    make_event(seconds=90, relayed=False)
    waiting = client.get("/health/").json()

    assert (quiet["status"], quiet["checks"]["worker"]) == ("healthy", "unknown")
    assert quiet["background"]["worker_seconds"] is None
    assert (waiting["status"], waiting["checks"]["outbox"]) == ("degraded", "behind")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", ["relay", "worker"])
def test_who_has_gone_silent_degrades_the_shop_and_takes_no_web_server_away(
    client: Client, at_work: None, monkeypatch: pytest.MonkeyPatch, path: str, name: str
) -> None:
    monkeypatch.setattr(health, "_started_at", clock.now() - timedelta(minutes=5))
    Heartbeat.objects.filter(name=name).update(noted_at=clock.now() - timedelta(seconds=50))

    answer = client.get(path)

    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "degraded"
    assert {each for each, word in body["checks"].items() if word != "up"} == {name}
    assert body["checks"][name] == "down"
    assert body["background"][f"{name}_seconds"] == 50


def test_who_starts_together_with_the_web_server_has_a_moment(
    client: Client, at_work: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_started_at", clock.now())
    Heartbeat.objects.update(noted_at=clock.now() - timedelta(days=1))

    body = client.get("/health/").json()

    assert (body["status"], body["checks"]["relay"], body["checks"]["worker"]) == (
        "healthy",
        "starting",
        "starting",
    )


@pytest.mark.parametrize(
    ("event", "word", "waiting"),
    [
        ({"seconds": 70, "relayed": False}, "behind", 1),
        ({"seconds": 20, "relayed": False}, "up", 1),
        ({"seconds": 70, "relayed": True}, "behind", 1),
        # handed over a moment ago, and not for the first time
        (
            {"seconds": 70, "relayed": True, "next_attempt_at": clock.now() + timedelta(seconds=60)},
            "behind",
            1,
        ),
        ({"seconds": 70, "relayed": True, "state": DeliveryState.DONE}, "up", 0),
        ({"seconds": 70, "relayed": True, "attempts": 1}, "up", 0),
        ({"seconds": 70, "relayed": True, "state": DeliveryState.DEAD}, "up", 0),
    ],
    ids=["untold", "fresh", "untried", "handed", "done", "failed", "dead"],
)
def test_what_waits_too_long_is_told(
    client: Client, at_work: None, event: dict[str, Any], word: str, waiting: int
) -> None:
    make_event(**event)

    body = client.get("/health/").json()

    assert (body["checks"]["outbox"], body["background"]["waiting"]) == (word, waiting)
    assert body["background"]["waiting_seconds"] == (event["seconds"] if waiting else 0)
    assert body["background"]["given_up"] == (1 if event.get("state") == DeliveryState.DEAD else 0)
    assert body["status"] == ("degraded" if word == "behind" else "healthy")


def test_looking_costs_one_query(client: Client, at_work: None, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        client.get("/health/")


@pytest.mark.parametrize("path", PATHS)
def test_without_redis_it_is_closed(client: Client, at_work: None, settings, path: str) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = client.get(path)

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["status"] == "unhealthy"
    assert answer.json()["checks"]["redis"] == "down"


def test_alive_is_whoever_answers(client: Client, settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert client.get("/health/live").status_code == 200
