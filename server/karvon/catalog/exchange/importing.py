# mypy: disable-error-code="arg-type"
"""An import from its first byte to its last product.

Rows are spooled, brought together product by product, parsed and applied in chunks. Whatever is wrong with
a product refuses the whole product and nothing else. Memory does not grow with the file.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Protocol, TypeVar

from django.utils.translation import gettext as _

from karvon.catalog.exchange.applying import Applier
from karvon.catalog.exchange.formats.base import CatalogueFormat, Context
from karvon.catalog.exchange.reading import Table, open_table
from karvon.catalog.exchange.rows import ParsedProduct, ProductRefused, Refusal, Row
from karvon.catalog.exchange.spool import RowSpool
from karvon.kernel.clock import now as current_time
from karvon.merchants.models import MerchantKind

if TYPE_CHECKING:
    from django.core.files.base import File

    from karvon.accounts.models import User
    from karvon.catalog.exchange.images import ImageFolder
    from karvon.merchants.models import Merchant

CHUNK: Final = 50
MOST_VARIANTS: Final = 500
_NOTE_SECONDS: Final = 1.0
_MOST_NOTES: Final = 50
_T = TypeVar("_T")


@dataclass
class ImportReport:
    """What became of a file. rows_done = imported + refused rows; a product's rows are counted together."""

    rows_total: int = 0
    rows_done: int = 0
    rows_refused: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    notes: Counter[str] = field(default_factory=Counter)

    def list_notes(self) -> list[dict[str, Any]]:
        """What was read differently or left out, and how often."""
        return [{"text": text, "count": count} for text, count in self.notes.most_common(_MOST_NOTES)]


class Journal(Protocol):
    """Where progress and refused rows are written while an import runs."""

    def note(self, report: ImportReport) -> None: ...

    def refuse(self, refusals: Sequence[Refusal]) -> None: ...


class ImportRun:
    """One import; `execute` once."""

    def __init__(
        self,
        *,
        merchant: Merchant,
        actor: User | None,
        format_: CatalogueFormat,
        language: str,
        dry_run: bool,
        images: ImageFolder | None,
        journal: Journal,
    ) -> None:
        self._format = format_
        self._journal = journal
        self._report = ImportReport()
        self._refused: list[Refusal] = []
        self._noted_at = 0.0
        self._applier = Applier(
            merchant=merchant, actor=actor, language=language, dry_run=dry_run, images=images
        )
        self._context = Context(
            language=language,
            currency=merchant.currency,
            kind="food" if merchant.kind == MerchantKind.RESTAURANT else "physical",
            now=current_time(),
        )

    def execute(self, source: BinaryIO | File[Any]) -> ImportReport:
        """Import all of `source`. Raises FileRefused when it is not of the format."""
        table = open_table(source, required=self._format.required, format_label=self._format.label)
        self._note_columns(table)
        with RowSpool() as spool:
            spool.fill(table.rows, self._format.new_key(), self._spooled)
            self._report.rows_total = spool.rows
            for row in spool.strays():
                self._refuse([row], [_stray(row)])
            for groups in _batched(spool.groups(), CHUNK):
                self._import_chunk(groups, spool)
                self._note_now_and_then()
        self._write_down()
        return self._report

    def _note_columns(self, table: Table) -> None:
        for column in table.columns:
            if column and not self._format.knows(column):
                self._report.notes[_("column ignored: %(column)s") % {"column": column}] += 1

    def _spooled(self, rows: int) -> None:
        self._report.rows_total = rows
        self._note_now_and_then()

    def _import_chunk(self, groups: Sequence[list[Row]], spool: RowSpool) -> None:
        products: list[tuple[list[Row], ParsedProduct]] = []
        for rows in groups:
            try:
                products.append((rows, self._parse(rows, spool)))
            except ProductRefused as refused:
                self._refuse(rows, refused.refusals)
        outcomes = self._applier.apply([product for _rows, product in products])
        for (rows, product), outcome in zip(products, outcomes, strict=True):
            self._count(rows, product, outcome)

    def _parse(self, rows: list[Row], spool: RowSpool) -> ParsedProduct:
        broken = [Refusal(row.line, "", row.error, _name_of(row)) for row in rows if row.error]
        if broken:
            raise ProductRefused(broken)
        product = self._format.parse(rows, self._context)
        refuse_contradictions(product, spool)
        return product

    def _count(self, rows: list[Row], product: ParsedProduct, outcome: str | ProductRefused) -> None:
        if isinstance(outcome, ProductRefused):
            self._refuse(rows, outcome.refusals)
            return
        self._report.rows_done += len(rows)
        setattr(self._report, outcome, getattr(self._report, outcome) + 1)
        self._report.notes.update(product.notes)
        self._report.notes.update(self._applier.notes_of(product))

    def _refuse(self, rows: Sequence[Row], refusals: Sequence[Refusal]) -> None:
        """All rows of a product are refused with the bad ones, and say why."""
        told = {one.line for one in refusals}
        first = refusals[0]
        together = [
            Refusal(
                row.line,
                "",
                _("not imported, because line %(line)s is refused") % {"line": first.line},
                first.identifier,
            )
            for row in rows
            if row.line not in told
        ]
        self._report.rows_done += len(rows)
        self._report.rows_refused += len(rows)
        self._refused += [*refusals, *together]

    def _note_now_and_then(self) -> None:
        if len(self._refused) >= 1000 or time.monotonic() - self._noted_at >= _NOTE_SECONDS:
            self._write_down()

    def _write_down(self) -> None:
        if self._refused:
            self._journal.refuse(self._refused)
            self._refused = []
        self._journal.note(self._report)
        self._noted_at = time.monotonic()


def refuse_contradictions(product: ParsedProduct, spool: RowSpool) -> None:
    """Raise ProductRefused for what is wrong between rows: SKUs, handles and option values used twice."""
    found: list[Refusal] = []

    def refuse(line: int, column: str, message: str) -> None:
        found.append(Refusal(line, column, message, product.handle))

    first = product.lines[0]
    if (line := spool.claim(f"handle {product.handle.casefold()}", first)) != first:
        refuse(first, "handle", _("is the same as in line %(line)s") % {"line": line})
    if len(product.variants) > MOST_VARIANTS:
        refuse(first, "sku", _("has more than %(limit)s variants") % {"limit": MOST_VARIANTS})
    combinations: dict[frozenset[tuple[str, object]], int] = {}
    for variant in product.variants:
        if (line := spool.claim(f"sku {variant.sku.casefold()}", variant.line)) != variant.line:
            refuse(
                variant.line,
                "sku",
                _("%(sku)s is also used in line %(line)s") % {"sku": variant.sku, "line": line},
            )
        options = frozenset((option.code, option.value) for option in variant.options)
        if len({code for code, _value in options}) != len(variant.options):
            refuse(variant.line, "options", _("an option is given twice"))
        if (line := combinations.setdefault(options, variant.line)) != variant.line:
            refuse(variant.line, "options", _("has the same options as line %(line)s") % {"line": line})
    if found:
        raise ProductRefused(found)


def _stray(row: Row) -> Refusal:
    return Refusal(row.line, "", row.error or _("says no product that is in the file"), _name_of(row))


def _name_of(row: Row) -> str:
    for column in ("handle", "slug", "sku", "variant sku", "name"):
        if value := row.text(column):
            return value[:255]
    return ""


def _batched(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
