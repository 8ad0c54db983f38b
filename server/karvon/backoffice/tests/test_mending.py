"""Files of others that are served changed: the style sheet for Arabic, ReDoc without its foreign picture."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from karvon.backoffice.mending import MENDED, SHEET, VIEWER, original, to_logical


@pytest.mark.parametrize(
    ("given", "made"),
    [
        (".a{margin-left:1px}", ".a{margin-inline-start:1px}"),
        (".a{color:red;padding-right:2px!important}", ".a{color:red;padding-inline-end:2px!important}"),
        (".a{left:0;right:auto}", ".a{inset-inline-start:0;inset-inline-end:auto}"),
        (".a{border-left-width:1px}", ".a{border-inline-start-width:1px}"),
        (".a{border-top-left-radius:4px}", ".a{border-start-start-radius:4px}"),
        (".a{border-bottom-right-radius:4px}", ".a{border-end-end-radius:4px}"),
        (".a{text-align:left;float:right}", ".a{text-align:start;float:inline-end}"),
        (".icon{direction:ltr;margin:0}", ".icon{margin:0}"),
    ],
)
def test_sides_become_starts_and_ends(given, made):
    assert to_logical(given) == made


@pytest.mark.parametrize(
    "css",
    [
        ".left{left:50%!important;translate:-50%}",
        ".left-1\\/2{left:calc(1 / 2 * 100%)}",
        ".a{--tw-gradient-position:to left;background-position:left}",
        ".ml-4{margin-top:1px}",
    ],
)
def test_what_has_no_side_of_a_line_stays(css):
    assert to_logical(css) == css


def test_the_sheet_that_is_served_is_unfolds_own_without_left_and_right():
    own = original(SHEET)

    found = finders.find(SHEET)

    assert found is not None
    served = Path(found).read_text(encoding="utf-8")
    assert served == to_logical(own)
    sided = re.findall(
        r"[{;](?:margin|padding|border)-(?:left|right)[^:]*:|[{;]text-align:(?:left|right)", served
    )
    assert sided == []
    assert served.count("{") == own.count("{")


def test_redoc_asks_no_other_server_for_pictures():
    found = finders.find(VIEWER)

    assert found is not None
    assert "https://cdn.redoc.ly" in original(VIEWER)
    assert "https://cdn.redoc.ly" not in Path(found).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(MENDED))
def test_they_come_before_the_originals_where_files_are_collected(path):
    found = finders.find(path, find_all=True)

    assert len(found) == 2
    assert Path(found[0]).read_text(encoding="utf-8") != Path(found[1]).read_text(encoding="utf-8")
