from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from karvon.kernel.drawing import END
from karvon.orders import diagrams
from karvon.orders.management.commands import document_states


def test_the_document_shows_the_tables_as_they_are():
    call_command("document_states", "--check")


def test_a_document_of_other_tables_is_found_and_drawn_anew(tmp_path, monkeypatch):
    document = tmp_path / "orders.md"
    document.write_text(f"before {diagrams.BEGIN} old {END} after", encoding="utf-8")
    monkeypatch.setattr(document_states.Command, "document", document)

    with pytest.raises(CommandError):
        call_command("document_states", "--check")
    assert " old " in document.read_text(encoding="utf-8")
    call_command("document_states")
    call_command("document_states", "--check")

    drawn = document.read_text(encoding="utf-8")
    assert drawn.startswith("before ")
    assert drawn.endswith(" after")
    assert drawn.count("stateDiagram-v2") == 3
    assert "| pending | confirmed |  |  |  | yes |" in drawn


def test_a_document_without_a_place_for_them_is_refused():
    with pytest.raises(ValueError, match="no place"):
        diagrams.put_into("nothing here")
