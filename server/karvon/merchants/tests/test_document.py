"""`docs/merchants.md` and `docs/ledger.md` say what the tables say."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from karvon.merchants import diagrams, policies
from karvon.merchants.management.commands import document_merchants
from karvon.merchants.models import StaffRole


@pytest.mark.parametrize("command", ["document_merchants", "document_payouts"])
def test_the_documents_show_the_tables_as_they_are(command):
    call_command(command, "--check")


def test_a_right_that_is_given_is_noticed_and_drawn(tmp_path, monkeypatch):
    document = tmp_path / "merchants.md"
    document.write_text(document_merchants.Command.document.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(document_merchants.Command, "document", document)
    given = {**policies.ALLOWED, policies.Action.MANAGE_PAPERS: frozenset({StaffRole.COOK})}
    monkeypatch.setattr(diagrams, "ALLOWED", given)

    with pytest.raises(CommandError, match=r"merchants\.md"):
        call_command("document_merchants", "--check")
    call_command("document_merchants")
    call_command("document_merchants", "--check")

    drawn = document.read_text(encoding="utf-8")
    assert "| handing papers in | yes |  |  | yes |  |  |" in drawn
    assert drawn.count("stateDiagram-v2") == 2
