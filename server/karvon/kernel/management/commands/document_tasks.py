"""Draw queues and schedule into their document."""

from __future__ import annotations

from karvon.kernel.drawing import DOCUMENTS, DrawingCommand
from karvon.kernel.timetable import put_into


class Command(DrawingCommand):
    help = "Write the tables of queues and scheduled tasks into docs/operating.md."
    document = DOCUMENTS / "operating.md"

    def put_into(self, document: str) -> str:
        return put_into(document)
