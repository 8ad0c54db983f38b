"""Hand events from the outbox to the workers, for as long as the shop runs."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from pathlib import Path
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, connection
from kombu.exceptions import OperationalError as BrokerDown

from karvon.kernel import delivery, heartbeats
from karvon.kernel.tasks import deliver_event

log = structlog.get_logger(__name__)

IDLE_SECONDS = 0.3


class Command(BaseCommand):
    help = "Relay events from the outbox to Celery. Any number may run; stops at SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then stop")
        parser.add_argument("--heartbeat", type=Path, help="touch this file at every round")

    def handle(self, *args: Any, **options: Any) -> None:
        # a pipe and no threading.Event: a handler that sets an event waits for ever for the lock that its own thread holds when
        # the signal comes in the midst of `wait`
        asked, ask = os.pipe()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: os.write(ask, b"."))
        pause, self._heartbeat_due = 0.0, 0.0
        while not select.select([asked], [], [], pause)[0]:
            pause = self._round(pause)
            if options["heartbeat"]:
                options["heartbeat"].touch()
            if options["once"]:
                return

    def _round(self, pause: float) -> float:
        """One round; returns how long to wait before the next. No fault of a neighbour ends this process."""
        try:
            relayed = delivery.relay_batch()
            handed = self._hand_over(delivery.claim_due())
            self._note_heartbeat()
        except Error as error:
            log.warning("relay_waits_for_database", error=str(error)[:200])
            connection.close()
            return min(max(pause, IDLE_SECONDS) * 2, 5.0)
        return 0.0 if relayed == delivery.BATCH or handed == delivery.BATCH else IDLE_SECONDS

    def _note_heartbeat(self) -> None:
        if time.monotonic() >= self._heartbeat_due:
            heartbeats.note_heartbeat(heartbeats.RELAY)
            self._heartbeat_due = time.monotonic() + heartbeats.EVERY.total_seconds()

    def _hand_over(self, due: list[tuple[int, str]]) -> int:
        for position, (pk, queue) in enumerate(due):
            try:
                deliver_event.apply_async(args=[pk], queue=queue, retry=False)
            except (BrokerDown, OSError) as error:
                log.warning("relay_waits_for_broker", error=str(error)[:200])
                delivery.put_back([each for each, _ in due[position:]])
                return 0
        return len(due)
