"""From bytes to rows."""

import io

import pytest

from karvon.catalog.exchange.errors import FileRefused
from karvon.catalog.exchange.reading import LONGEST_CELL, LONGEST_LINE, Table, open_table
from karvon.catalog.exchange.rows import Row


def read(data: bytes, required: tuple[str, ...] = ("a", "b")) -> tuple[Table, list[Row]]:
    table = open_table(io.BytesIO(data), required=required, format_label="Test")
    return table, list(table.rows)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_found_out(delimiter: str, ending: str) -> None:
    data = ending.join([f"a{delimiter}b", f"1{delimiter}x", f"2{delimiter}y", ""]).encode()

    table, rows = read(data)

    assert table.columns == ("a", "b")
    assert rows == [Row(2, {"a": "1", "b": "x"}), Row(3, {"a": "2", "b": "y"})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_are_found_out(encoding: str) -> None:
    _table, rows = read("a,b\nқовун,نص\n".encode(encoding))

    assert rows == [Row(2, {"a": "қовун", "b": "نص"})]


def test_columns_are_known_in_any_case_and_padding() -> None:
    table, rows = read(b"  A  ,\tB \n x , y \n")

    assert table.columns == ("a", "b")
    assert rows[0].text("a") == "x"


def test_a_row_is_named_by_the_physical_line_it_begins_on() -> None:
    _table, rows = read(b'a,b\n"one\ntwo\nthree",x\n\n2,y\n')

    assert [(row.line, row.text("a")) for row in rows] == [(2, "one\ntwo\nthree"), (6, "2")]


def test_a_separator_line_of_spreadsheets_is_passed_over() -> None:
    table, rows = read(b"sep=;\na;b\n1;2\n")

    assert table.delimiter == ";"
    assert rows == [Row(3, {"a": "1", "b": "2"})]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty."),
        (b"\n \n\r\n", "The file is empty."),
        (b"x,y\n1,2\n", "This is not a Test product file: these columns are missing: a, b."),
        (b"a;c\n1;2\n", "This is not a Test product file: these columns are missing: b."),
        (b'"a,b\n1,2\n', "The quotes in the line of column names are not closed."),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "The file has no line of column names at its beginning."),
        (b"a" * 200_000, "The file has no line of column names at its beginning."),
    ],
)
def test_a_file_of_another_kind_is_refused_with_the_reason(data: bytes, message: str) -> None:
    with pytest.raises(FileRefused, match=message.replace(".", r"\.")):
        read(data)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"1,\0", "The row contains a NUL character."),
        (b"1,\xff\xfe", "The row contains bytes that are not UTF-8 text. Save the file as UTF-8 CSV."),
        (b"1,2,3", "The row has more cells than there are columns (is a quote missing?)."),
        (
            b"1," + b"x" * (LONGEST_CELL + 10),
            f"A cell is longer than {LONGEST_CELL} characters (is a quote left open?).",
        ),
        (b"1," + b"x" * (LONGEST_LINE + 10), "The line is too long."),
    ],
)
def test_a_row_that_cannot_be_used_is_told_and_reading_goes_on(line: bytes, error: str) -> None:
    _table, rows = read(b"a,b\n" + line + b"\n2,y\n")

    assert [(row.line, row.error) for row in rows] == [(2, error), (3, "")]
    assert rows[0].text("a") == "1"
    assert rows[1] == Row(3, {"a": "2", "b": "y"})


def test_a_quote_left_open_spoils_its_row_and_not_the_memory() -> None:
    _table, rows = read(b'a,b,c\n1,"open,x\n2,y,z\n3,y,z\n')

    assert [(row.line, row.error) for row in rows] == [
        (2, "The row ends within a quoted text (is a quote left open?).")
    ]


def test_empty_rows_are_passed_over_and_short_ones_filled_up() -> None:
    _table, rows = read(b"a,b,c\n,,\n1\n")

    assert rows == [Row(3, {"a": "1"})]
