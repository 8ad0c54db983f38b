"""Does anybody work at each queue? A task goes the way of all tasks and leaves a sign in Redis."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from kombu.exceptions import OperationalError

from karvon.kernel.errors import DependencyDown
from karvon.kernel.redis import get_redis, redis_errors

KEPT = timedelta(minutes=5)
_PAUSE = 0.05


@dataclass(frozen=True)
class QueueAnswer:
    """Who answered on a queue ("" for nobody in time), and after how many seconds."""

    queue: str
    worker: str
    seconds: float


def answer(probe: str, queue: str) -> None:
    """Leave the sign that a probe arrived: what the task does."""
    with redis_errors():
        get_redis().hset(_key(probe), queue, socket.gethostname())
        get_redis().expire(_key(probe), KEPT)


def ask_queues(
    queues: Sequence[str], *, timeout: float, report: Callable[[QueueAnswer], None] = lambda _: None
) -> list[QueueAnswer]:
    """Send a probe to each queue and wait for the signs, at most `timeout` seconds for all; answers in the order of `queues`.

    What nobody took in time expires by itself. Raises DependencyDown without broker or Redis.
    """
    from karvon.kernel.tasks import answer_probe

    probe, begin = uuid4().hex, time.monotonic()
    found: dict[str, QueueAnswer] = {}
    try:
        for queue in queues:
            answer_probe.apply_async((probe, queue), queue=queue, expires=timeout + 1, retry=False)
    except OperationalError as error:
        raise DependencyDown from error
    while len(found) < len(queues) and time.monotonic() - begin < timeout:
        with redis_errors():
            signs: dict[bytes, bytes] = get_redis().hgetall(_key(probe))  # type: ignore[assignment]
        for name, worker in signs.items():
            if name.decode() not in found:
                found[name.decode()] = QueueAnswer(name.decode(), worker.decode(), time.monotonic() - begin)
                report(found[name.decode()])
        if len(found) < len(queues):
            time.sleep(_PAUSE)
    return [found.get(queue, QueueAnswer(queue, "", timeout)) for queue in queues]


def _key(probe: str) -> str:
    return f"probe:{probe}"
