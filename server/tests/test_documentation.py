"""The documents name only what there is: files, headings, commands, settings, addresses, queues."""

from __future__ import annotations

import contextlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from karvon.runtime.programs import QUEUES
from karvon.settings.env import NAMES

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
MAKE = re.compile(r"(?:^|`|&& )make ([a-z]+)", re.MULTILINE)
MANAGE = re.compile(r"manage\.py ([a-z_]+)")
NAME = re.compile(r"\b(?:KARVON|TEST|DATABASE|REDIS)_[A-Z0-9_]*[A-Z0-9]\b")
ENDPOINT = re.compile(r"\b(?:GET|POST|PUT|PATCH|DELETE) (/[\w/{}-]+/)")
WORKER = re.compile(r"celery -A karvon\.celery worker -Q ([a-z,]+) -c 2")

FROM_THE_ROOT = ("/api/", "/store/", "/payments/")


def named(pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """(page, what it names)."""
    for page in PAGES:
        for found in pattern.findall(page.read_text()):
            yield str(page.relative_to(ROOT)), found


def anchor_of(heading: str) -> str:
    """As forges make them: lower case, without punctuation, dashes for blanks."""
    return re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).strip().replace(" ", "-")


def test_links_lead_to_files_and_headings() -> None:
    broken = []
    for name, link in named(LINK):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        if not target.exists() or (
            anchor and anchor not in map(anchor_of, HEADING.findall(target.read_text()))
        ):
            broken.append((name, link))

    assert broken == []


def test_every_page_is_linked_from_another_or_named_by_its_path() -> None:
    linked = {(ROOT / name).parent.joinpath(link.partition("#")[0]).resolve() for name, link in named(LINK)}

    paths = {path for _page, path in named(re.compile(r"`(docs/[\w/.-]+\.md)`"))}
    pages = [page for page in PAGES if page.is_relative_to(ROOT / "docs")]
    assert [page for page in pages if page not in linked and str(page.relative_to(ROOT)) not in paths] == []


def test_make_targets_and_commands_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = {*get_commands(), "help"}

    assert [each for each in named(MAKE) if each[1] not in targets] == []
    assert [each for each in named(MANAGE) if each[1] not in commands] == []


def test_the_picture_of_the_rooms_is_that_of_the_layers() -> None:
    drawn = re.search(r"flowchart TD\n(.*?)```", (ROOT / "ARCHITECTURE.md").read_text(), re.DOTALL)
    config = tomllib.loads((ROOT / "server" / "pyproject.toml").read_text())
    layers = config["tool"]["importlinter"]["contracts"][0]["layers"]
    assert drawn is not None

    arrows = " ".join(line for line in drawn[1].splitlines() if "-->" in line)

    # a floor in parentheses is kept free for a room to come
    built = [floor for floor in layers if not floor.startswith("(")]
    floors = [sorted(floor.replace("karvon.", "").split(" | ")) for floor in built]
    # the last room of one line begins the next
    chain = [sorted(part.split(" & ")) for part in re.split(r" --> |(?<=carts)\s+carts --> ", arrows.strip())]
    assert chain == floors


def test_settings_exist() -> None:
    known = {each.name for each in NAMES}

    assert [each for each in named(NAME) if each[1] not in known and not hasattr(settings, each[1])] == []


def is_address(path: str) -> bool:
    """Whether a view answers there; what stands in brackets is a number or a UUID."""
    full = path if path.startswith(FROM_THE_ROOT) else f"/api/v1{path}"
    for example in ("1", "6f1c2d1e-0000-4000-8000-000000000000"):
        with contextlib.suppress(Resolver404):
            resolve(re.sub(r"{\w+}", example, full))
            return True
    return False


def test_addresses_exist() -> None:
    assert [each for each in named(ENDPOINT) if not is_address(each[1])] == []


def test_a_worker_of_the_documents_serves_every_queue() -> None:
    described = [found for _page, found in named(WORKER)]

    assert described
    assert {frozenset(found.split(",")) for found in described} == {frozenset(QUEUES.split(","))}


@pytest.mark.parametrize("page", ["README.md", "docs/integrating.md"])
def test_examples_use_the_demo_s_accounts(page: str) -> None:
    accounts = set(re.findall(r"[\w.]+@karvon\.example", (ROOT / page).read_text()))

    assert accounts <= {
        f"{name}@karvon.example" for name in ("admin", "merchant", "staff", "customer", "courier")
    }
    assert accounts
