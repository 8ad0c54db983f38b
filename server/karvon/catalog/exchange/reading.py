"""From bytes to rows: encodings, delimiters, quotes, and everything that can be wrong with them.

Memory is bounded whatever the file holds: a physical line is read up to LONGEST_LINE characters, a cell up to
LONGEST_CELL, and one record at a time. A record that cannot be used becomes a `Row` with an `error`;
reading goes on with the next line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from django.utils.translation import gettext as _

from karvon.catalog.exchange.errors import FileRefused
from karvon.catalog.exchange.rows import Row

LONGEST_LINE: Final = 2_000_000
LONGEST_CELL: Final = 500_000
MOST_COLUMNS: Final = 500
_LONGEST_HEADER: Final = 100_000
_KEPT_PREFIX: Final = 4_000
_SEP_LINE: Final = len("sep=;")  # spreadsheets write this line above the header
_DELIMITERS: Final = (",", ";", "\t", "|")
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True)
class Table:
    """A file's columns (lower case, single blanks) and its records."""

    columns: tuple[str, ...]
    delimiter: str
    encoding: str
    rows: Iterator[Row]


class LineTooLong(Exception):
    """A physical line beyond LONGEST_LINE; the rest of it has been skipped."""


class _Lines:
    """Physical lines of a text, counted, each of bounded length; remembers how the present record began."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text = text
        self.count = 0
        self.first_of_record = 1
        self.prefix = ""

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_LINE + 1)
        if not line:
            raise StopIteration
        self.count += 1
        if len(self.prefix) < _KEPT_PREFIX:
            self.prefix += line[: _KEPT_PREFIX - len(self.prefix)]
        if len(line) > LONGEST_LINE and line[-1] not in "\r\n":
            self._skip_rest()
            raise LineTooLong
        return line

    def begin_record(self) -> None:
        self.first_of_record = self.count + 1
        self.prefix = ""

    @property
    def lines_of_record(self) -> int:
        return self.count - self.first_of_record + 1

    def _skip_rest(self) -> None:
        while (rest := self._text.readline(LONGEST_LINE)) and rest[-1] not in "\r\n":
            continue


def open_table(source: BinaryIO, *, required: Iterable[str], format_label: str) -> Table:
    """The table in `source`; `required` are column names in lower case.

    Raises FileRefused when there is no header that has them all, naming those that are missing.
    """
    text, encoding = _decode(source)
    lines = _Lines(text)
    header = _read_header(lines)
    delimiter, columns = _split_header(header, tuple(required), format_label)
    return Table(columns, delimiter, encoding, _read_rows(lines, columns, delimiter))


def normalise_column(name: str) -> str:
    return " ".join(name.replace("\ufeff", "").split()).casefold()


def _decode(source: BinaryIO) -> tuple[io.TextIOBase, str]:
    """`source` as text. Bytes that are not UTF-8 survive as lone surrogates and are refused row by row."""
    buffered = source if isinstance(source, io.BufferedReader) else io.BufferedReader(_Raw(source))
    start = buffered.peek(4)[:4]
    for bom, encoding in _BOMS:
        if start.startswith(bom):
            buffered.read(len(bom))
            errors = "surrogateescape" if encoding == "utf-8" else "replace"
            return io.TextIOWrapper(buffered, encoding, errors, newline=""), encoding
    return io.TextIOWrapper(buffered, "utf-8", "surrogateescape", newline=""), "utf-8"


class _Raw(io.RawIOBase):
    """Any object with `read(size)` as a raw stream."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _read_header(lines: _Lines) -> str:
    """The first record that is not blank, as text; quoted column names may go over several lines."""
    header = ""
    try:
        for line in lines:
            header += line
            if len(header) > _LONGEST_HEADER or "\0" in header or _has_surrogates(line):
                raise FileRefused(_("The file has no line of column names at its beginning."))
            if not header.strip() or (header[:4].lower() == "sep=" and len(header.strip()) == _SEP_LINE):
                header = ""
            elif header.count('"') % 2 == 0:
                return header
    except LineTooLong as error:
        raise FileRefused(_("The file has no line of column names at its beginning.")) from error
    if header.strip():
        raise FileRefused(_("The quotes in the line of column names are not closed."))
    raise FileRefused(_("The file is empty."))


def _split_header(header: str, required: Sequence[str], format_label: str) -> tuple[str, tuple[str, ...]]:
    """The delimiter under which most of the required columns are found, and the columns."""
    best: tuple[int, int, str, tuple[str, ...]] = (-1, -1, ",", ())
    for delimiter in _DELIMITERS:
        columns = _columns_of(header, delimiter)
        found = sum(column in columns for column in required)
        if (found, len(columns)) > best[:2]:
            best = (found, len(columns), delimiter, columns)
    _found, _count, delimiter, columns = best
    missing = [column for column in required if column not in columns]
    if missing:
        raise FileRefused(
            _("This is not a %(format)s product file: these columns are missing: %(columns)s.")
            % {"format": format_label, "columns": ", ".join(missing)},
            details={"file": [_("missing column: %(column)s") % {"column": column} for column in missing]},
        )
    if len(columns) > MOST_COLUMNS:
        raise FileRefused(_("The file has more than %(limit)s columns.") % {"limit": MOST_COLUMNS})
    return delimiter, columns


def _columns_of(header: str, delimiter: str) -> tuple[str, ...]:
    try:
        return tuple(map(normalise_column, next(csv.reader([header], delimiter=delimiter))))
    except (csv.Error, StopIteration):
        return ()


def _read_rows(lines: _Lines, columns: tuple[str, ...], delimiter: str) -> Iterator[Row]:
    # a limit of the csv module's own, for the whole process; nothing else in the process reads larger cells
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        lines.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except LineTooLong:
            yield _salvage(lines, columns, delimiter, _("The line is too long."))
            continue
        except csv.Error as error:
            yield _salvage(lines, columns, delimiter, _unreadable(error))
            continue
        if any(map(str.strip, cells)):
            yield _row(lines, columns, cells)


def _unreadable(error: csv.Error) -> str:
    if "field larger" in str(error):
        return _("A cell is longer than %(limit)s characters (is a quote left open?).") % {
            "limit": LONGEST_CELL
        }
    return _("The row cannot be read: %(reason)s") % {"reason": error}


def _row(lines: _Lines, columns: tuple[str, ...], cells: list[str]) -> Row:
    named = _name_cells(columns, cells)
    line = lines.first_of_record
    if problem := _problem_of(cells, columns, lines.lines_of_record):
        return Row(line, _without_bad_characters(named), problem)
    return Row(line, named)


def _name_cells(columns: tuple[str, ...], cells: list[str]) -> dict[str, str]:
    """Cells that are not empty, by column; of two columns of one name the first wins."""
    named: dict[str, str] = {}
    for column, cell in zip(columns, cells, strict=False):
        if cell and column not in named:
            named[column] = cell
    return named


def _problem_of(cells: list[str], columns: tuple[str, ...], physical_lines: int) -> str:
    joined = "".join(cells)
    if "\0" in joined:
        return _("The row contains a NUL character.")
    if not joined.isascii() and _has_surrogates(joined):
        return _("The row contains bytes that are not UTF-8 text. Save the file as UTF-8 CSV.")
    if any(map(str.strip, cells[len(columns) :])):
        return _("The row has more cells than there are columns (is a quote missing?).")
    if len(cells) < len(columns) and physical_lines > 1:
        # programs leave out empty cells at the end of a line, but not in the midst of a quoted text
        return _("The row ends within a quoted text (is a quote left open?).")
    return ""


def _has_surrogates(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _without_bad_characters(cells: dict[str, str]) -> dict[str, str]:
    return {
        column: cell[:_KEPT_PREFIX].replace("\0", "").encode("utf-8", "ignore").decode()
        for column, cell in cells.items()
    }


def _salvage(lines: _Lines, columns: tuple[str, ...], delimiter: str, error: str) -> Row:
    """What can be told of a broken record from its beginning; the last cell may be cut and is left out."""
    try:
        cells = next(csv.reader([lines.prefix.splitlines()[0]], delimiter=delimiter))[:-1]
    except (csv.Error, IndexError, StopIteration):
        cells = []
    return Row(lines.first_of_record, _without_bad_characters(_name_cells(columns, cells)), error)
