"""Cells that a spreadsheet would run as a formula.

On export a cell that begins with one of GUARDED gets an apostrophe before it; on import it loses it again.
A cell that itself begins with an apostrophe is guarded too, so that nothing is ever lost on the way there
and back.
"""

from __future__ import annotations

from typing import Final

GUARDED: Final = frozenset("=+-@\t\r\n'＝＋－＠|%")


def guard(cell: str) -> str:
    """`cell` so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell[:1] in GUARDED and cell else cell


def unguard(cell: str) -> str:
    """What `guard` was given."""
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in GUARDED else cell
