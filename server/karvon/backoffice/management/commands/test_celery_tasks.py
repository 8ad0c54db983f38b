"""Does work get done that is left to the workers?"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from karvon.kernel.errors import DependencyDown
from karvon.kernel.probes import QueueAnswer, ask_queues


class Command(BaseCommand):
    help = (
        "Send a probe to each queue and wait until a worker has carried it out. Exit code 1 when a queue stays silent, "
        "naming it. A queue with much to do answers late: its probe waits its turn."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--timeout", type=float, default=20, help="seconds to wait for all (20)")
        parser.add_argument(
            "--queue", action="append", choices=settings.KARVON_QUEUES, help="only this one; may be repeated"
        )
        parser.add_argument("--json", action="store_true", help="the answers as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["timeout"] <= 0:
            raise CommandError("--timeout is more than 0")

        def report(found: QueueAnswer) -> None:
            if not options["json"]:
                self.stdout.write(
                    f"{found.queue:<10} answered after {found.seconds:.2f} s, by {found.worker}"
                )

        queues = options["queue"] or settings.KARVON_QUEUES
        try:
            answers = ask_queues(queues, timeout=options["timeout"], report=report)
        except DependencyDown as error:
            raise CommandError("the broker or Redis does not answer") from error
        if options["json"]:
            self.stdout.write(json.dumps([asdict(each) for each in answers], indent=2))
        if silent := [each.queue for each in answers if not each.worker]:
            raise CommandError(f"silent after {options['timeout']:g} s: {', '.join(silent)}")
