"""Many processes at once: forks of this one, each with connections of its own, released by one barrier."""

from __future__ import annotations

import multiprocessing
import signal
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections

from karvon.payments.tests.simulated import hang_up

PATIENCE = 60


def run_processes(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each of them returned, in order; raises AssertionError with its traceback for one that failed.

    A fork has what the test has set up (settings, a database of its own name); sockets it must not share, so that all
    connections of this process are closed before.
    """
    fork = multiprocessing.get_context("fork")
    connections.close_all()
    start, answers = fork.Barrier(len(works)), fork.SimpleQueue()

    def run(number: int) -> None:
        try:
            hang_up()
            start.wait(PATIENCE)
            answers.put((number, "", works[number]()))
        except BaseException:  # noqa: BLE001 - told to the test
            answers.put((number, traceback.format_exc(), None))
        finally:
            connections.close_all()

    children = [fork.Process(target=run, args=(number,), daemon=True) for number in range(len(works))]
    for child in children:
        child.start()
    told = sorted(answers.get() for _ in children)
    for child in children:
        child.join(PATIENCE)
    assert not any(failure for _, failure, _ in told), "\n".join(failure for _, failure, _ in told)
    return [answer for _, _, answer in told]


class Victim:
    """A process that does its work when it is told to, and is killed in the midst of it."""

    def __init__(self, work: Callable[[], Any]) -> None:
        fork = multiprocessing.get_context("fork")
        connections.close_all()
        self._go = fork.Event()
        self._process = fork.Process(target=self._run, args=(work,), daemon=True)
        self._process.start()

    def _run(self, work: Callable[[], Any]) -> None:
        hang_up()
        if self._go.wait(PATIENCE):
            work()

    def go(self) -> None:
        self._go.set()

    def kill(self) -> None:
        """SIGKILL. Raises AssertionError for one that has ended before."""
        self._process.kill()
        self._process.join(PATIENCE)
        assert self._process.exitcode == -signal.SIGKILL, "it was not in the midst of its work any more"
