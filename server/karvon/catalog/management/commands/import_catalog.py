"""manage.py import_catalog: a merchant's catalogue from a file, see docs/import.md."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from karvon.catalog.exchange.formats import FORMATS
from karvon.catalog.exchange.guarding import guard
from karvon.catalog.exchange.images import ImageFolder
from karvon.catalog.exchange.importing import ImportReport
from karvon.catalog.exchange.jobs import JobJournal, run_import_now
from karvon.catalog.exchange.selectors import list_refused_rows
from karvon.catalog.models import CatalogJob
from karvon.kernel.errors import DomainError
from karvon.kernel.languages import LANGUAGES
from karvon.merchants.models import Merchant

_SHOWN_ROWS = 20


class Command(BaseCommand):
    help = "Import a merchant's catalogue from a CSV file. Running the same file again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", required=True, choices=sorted(FORMATS), dest="format_name")
        parser.add_argument("--merchant", required=True, help="username of the merchant")
        parser.add_argument("--dry-run", action="store_true", help="report what would happen, write nothing")
        parser.add_argument("--language", default="", choices=["", *LANGUAGES], help="of the file's texts")
        parser.add_argument("--images", type=Path, help="folder with the pictures that the file names")
        parser.add_argument(
            "--wait", type=float, default=0, help="seconds to wait for another import to finish"
        )
        parser.add_argument("--report", type=Path, help="write refused rows to this CSV file")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        merchant = Merchant.objects.filter(username__iexact=options["merchant"]).first()
        if merchant is None:
            raise CommandError(f"There is no merchant {options['merchant']}.")
        if options["images"] and not options["images"].is_dir():
            raise CommandError(f"{options['images']} is not a folder.")
        try:
            job = self._run(merchant, options)
        except DomainError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"The database went away; what is imported already stays. {error}") from error
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        if options["report"]:
            _write_report(job, options["report"])
        self._print_json(job) if options["json"] else self._print(job)

    def _run(self, merchant: Merchant, options: dict[str, Any]) -> CatalogJob:
        with options["file"].open("rb") as source:
            return run_import_now(
                merchant=merchant,
                actor=None,
                format_name=options["format_name"],
                source=source,
                file_name=options["file"].name,
                dry_run=options["dry_run"],
                language=options["language"],
                images=ImageFolder(options["images"]) if options["images"] else None,
                wait_seconds=options["wait"],
                journal=_TerminalJournal(is_quiet=options["json"] or options["verbosity"] == 0),
            )

    def _print(self, job: CatalogJob) -> None:
        would = " (dry run: nothing was written)" if job.dry_run else ""
        self.stdout.write(
            f"{job.rows_done} rows: {job.products_created} products created, {job.products_updated} updated, "
            f"{job.products_unchanged} unchanged, {job.rows_refused} rows refused{would}"
        )
        for note in job.notes:
            self.stdout.write(
                f"  note: {note['text']}" + (f" (× {note['count']})" if note["count"] > 1 else "")
            )
        for row in list_refused_rows(job)[:_SHOWN_ROWS]:
            where = f"{row.field}: " if row.field else ""
            self.stdout.write(self.style.WARNING(f"  line {row.line} {row.identifier}: {where}{row.message}"))
        if job.rows_refused > _SHOWN_ROWS:
            self.stdout.write("  … use --report FILE for all of them")

    def _print_json(self, job: CatalogJob) -> None:
        fields = (
            "rows_total", "rows_done", "rows_refused", "products_created", "products_updated",
            "products_unchanged", "notes", "dry_run",
        )  # fmt: skip
        self.stdout.write(json.dumps({"job": job.pk, **{name: getattr(job, name) for name in fields}}))


class _TerminalJournal(JobJournal):
    """A line that counts, where somebody watches."""

    def __init__(self, *, is_quiet: bool) -> None:
        super().__init__()
        self._shows = not is_quiet and sys.stderr.isatty()

    def note(self, report: ImportReport) -> None:
        super().note(report)
        if self._shows:
            sys.stderr.write(
                f"\r{report.rows_done} of {report.rows_total} rows, {report.rows_refused} refused "
            )
            sys.stderr.flush()


def _write_report(job: CatalogJob, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "identifier", "field", "message"])
        rows = list_refused_rows(job).values_list("line", "identifier", "field", "message")
        writer.writerows([guard(str(cell)) for cell in row] for row in rows)
