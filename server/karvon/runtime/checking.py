"""`make check`: everything that is judged without running the shop, one line per check and all failures at
the end.
"""

from __future__ import annotations

import difflib
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from karvon.runtime.programs import SERVER_FOLDER, Plan, manage

SCHEMAS = SERVER_FOLDER.parent / "docs" / "openapi"
# file name → the generator of `karvon.api.documents` that writes it
DOCUMENTS = {"v1": "CanonicalGenerator", "market": "MarketGenerator", "storefront": "StorefrontGenerator"}


def _tool(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _production() -> dict[str, str]:
    """An environment that production accepts; nothing is connected to."""
    return {
        "DJANGO_SETTINGS_MODULE": "karvon.settings.production",
        "KARVON_SECRET_KEY": secrets.token_urlsafe(64),
        "KARVON_ALLOWED_HOSTS": "shop.example",
        "KARVON_PUBLIC_URL": "https://shop.example",
        "DATABASE_URL": "postgres://shop:secret@db.example/shop",
        "REDIS_URL": "rediss://:secret@redis.example/0",
        "KARVON_SMTP_HOST": "mail.example",
        "KARVON_DEBUG": "",
        "KARVON_DEMO": "",
        "TEST_SMS_FIXED_CODE": "",
    }


def _run(title: str, command: tuple[str, ...], environ: dict[str, str] | None = None) -> bool:
    started = time.monotonic()
    done = subprocess.run(
        command,
        cwd=SERVER_FOLDER,
        env={**os.environ, **(environ or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    good = done.returncode == 0
    sys.stdout.write(f"{'ok    ' if good else 'FAILED'} {title} ({time.monotonic() - started:.1f} s)\n")
    if not good:
        sys.stdout.write(
            "".join(f"       {line}\n" for line in (done.stdout + done.stderr).splitlines()[-60:])
        )
    sys.stdout.flush()
    return good


def check(plan: Plan) -> int:
    """Run all checks; the code is 1 when any failed."""
    steps = (
        ("ruff check", (_tool("ruff"), "check", ".", "../bench"), None),
        ("ruff format", (_tool("ruff"), "format", "--check", ".", "../bench"), None),
        ("mypy", (_tool("mypy"),), None),
        ("layers of the house", (_tool("lint-imports"),), None),
        ("migrations match the models", manage("makemigrations", "--check", "--dry-run"), None),
        (
            "production settings",
            manage("check", "--deploy", "--fail-level", "WARNING"),
            _production(),
        ),
    )
    results = [_run(title, command, environ) for title, command, environ in steps]
    results += [each for name in DOCUMENTS for each in _check_schema(name)]
    results.append(_run("documents show what the code says", manage("document_all", "--check")))
    results.append(_check_example())
    return 0 if all(results) else 1


def _spectacular(name: str, target: Path) -> tuple[str, ...]:
    generator = f"karvon.api.documents.{DOCUMENTS[name]}"
    return manage(
        "spectacular", "--validate", "--fail-on-warn", "--generator-class", generator, "--file", str(target)
    )


def _check_schema(name: str) -> list[bool]:
    committed = SCHEMAS / f"{name}.yaml"
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / committed.name
        if not _run(f"OpenAPI {name} without warnings", _spectacular(name, fresh)):
            return [False]
        valid = _run(f"OpenAPI {name} is valid", (_tool("openapi-spec-validator"), str(fresh)))
        return [
            valid,
            _same(committed, fresh.read_text(), f"OpenAPI {name} is the committed one", "make schema"),
        ]


def _check_example() -> bool:
    from karvon.settings.env import example

    return _same(
        SERVER_FOLDER.parent / ".env.example", example(), ".env.example names everything", "make schema"
    )


def _same(committed: Path, fresh: str, title: str, cure: str) -> bool:
    old = committed.read_text() if committed.exists() else ""
    sys.stdout.write(f"{'ok    ' if old == fresh else 'FAILED'} {title}\n")
    if old != fresh:
        changes = difflib.unified_diff(
            old.splitlines(), fresh.splitlines(), str(committed), "fresh", lineterm="", n=1
        )
        sys.stdout.write("".join(f"       {line}\n" for line in list(changes)[:40]))
        sys.stdout.write(f"       `{cure}` writes it anew\n")
    return old == fresh


def write_schema(plan: Plan) -> int:
    """Write what is derived from code: the OpenAPI files, `.env.example` and the tables in `docs/`."""
    from karvon.settings.env import example

    SCHEMAS.mkdir(parents=True, exist_ok=True)
    (SERVER_FOLDER.parent / ".env.example").write_text(example())
    written = [
        _run("tables drawn into the documents", manage("document_all")),
        *(_run(f"{name}.yaml written", _spectacular(name, SCHEMAS / f"{name}.yaml")) for name in DOCUMENTS),
    ]
    return 0 if all(written) else 1
