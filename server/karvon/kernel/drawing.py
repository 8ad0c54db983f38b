"""Parts of documents that are drawn from the code's own tables, and the command that draws one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from karvon.kernel.states import StateMachine
from karvon.settings.env import ROOT

DOCUMENTS = ROOT / "docs"
END = "<!-- end of what is drawn -->"


def put_between(document: str, begin: str, drawn: str) -> str:
    """The document with what stands between `begin` and the next END replaced. Raises ValueError where a mark is missing."""
    before, mark, rest = document.partition(begin)
    _old, end, after = rest.partition(END)
    if not mark or not end:
        raise ValueError(f"the document has no place for what is drawn: {begin}")
    return f"{before}{begin}\n\n{drawn}\n\n{END}{after}"


def draw_machine(machine: StateMachine, who: Mapping[str, str]) -> str:
    """A diagram of a state machine, and a table of who may take which step; `who` names the actors in columns."""
    rows = [
        f"| {here} | {to} | " + " | ".join("yes" if actor in step.actors else "" for actor in who) + " |"
        for (here, to), step in machine.transitions.items()
    ]
    head = "| from | to | " + " | ".join(who.values()) + " |"
    table = "\n".join([head, "|---" * (len(who) + 2) + "|", *rows])
    return f"```mermaid\n{machine.to_mermaid()}\n```\n\n{table}"


class DrawingCommand(BaseCommand):
    """`manage.py <name>` writes the document anew, `--check` fails when it is not what the tables say."""

    requires_system_checks = ()
    document: ClassVar[Path]

    @abstractmethod
    def put_into(self, document: str) -> str:
        """The document with its drawn parts renewed. Raises ValueError where there is no place for them."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; exit code 1 when it is not up to date"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        old = self.document.read_text(encoding="utf-8")
        fresh = self.put_into(old)
        if options["check"] and old != fresh:
            raise CommandError(f"{self.document.name} is not what the code says; `make schema` draws it anew")
        if not options["check"]:
            self.document.write_text(fresh, encoding="utf-8")
