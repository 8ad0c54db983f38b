"""The Makefile's manners: help, friendly refusals, and no work when nothing has changed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from karvon.runtime import install
from karvon.runtime.tests.conftest import SERVER

ROOT = SERVER.parent


def make(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_target_with_a_line():
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()

    listed = make("help").stdout

    for target in targets:
        assert re.search(rf"make {target} +\w", listed), target


def test_without_a_python_it_says_what_is_missing():
    done = make("demo", "PYTHON=")

    assert done.returncode != 0
    assert "3.11 or later" in done.stderr


def test_an_environment_with_the_same_locks_is_left_alone(tmp_path, monkeypatch):
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    lock = install.fingerprint(install.REQUIREMENTS / "base.txt")
    (venv / ".karvon-installed").write_text(f"base {lock}\n")
    monkeypatch.setenv("KARVON_HOME", str(tmp_path))

    assert install.ensure("base") == venv

    assert (venv / ".karvon-installed").read_text() == f"base {lock}\n"


def test_locks_carry_hashes_and_name_no_package_server():
    for name in ("bootstrap", "base", "dev", "tools"):
        text = (install.REQUIREMENTS / f"{name}.txt").read_text()
        packages = re.findall(r"^[a-z0-9][^\n]*", text, re.MULTILINE | re.IGNORECASE)

        assert packages
        assert all(line.endswith("\\") for line in packages)
        assert text.count("--hash=sha256:") >= len(packages)
        assert not re.search(r"https?://|index-url|find-links|file:", text)


def test_certificates_of_pip_are_made_known_to_uv(monkeypatch, tmp_path):
    bundle = tmp_path / "bundle.pem"
    bundle.touch()
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("PIP_CERT", str(bundle))

    assert install.environment()["SSL_CERT_FILE"] == str(bundle)


def test_the_home_is_always_named_in_full(monkeypatch):
    monkeypatch.chdir("/")
    monkeypatch.setenv("KARVON_HOME", "srv/shop")

    assert install.home() == Path("/srv/shop")


def test_where_python_must_not_write_beside_the_sources_the_home_keeps_what_it_compiles(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("KARVON_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)

    install.keep_bytecode()

    code = "import sys; print(sys.dont_write_bytecode, sys.pycache_prefix)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["False", str(tmp_path / "bytecode")]


def test_whoever_lets_python_write_keeps_its_usual_place(monkeypatch):
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)

    install.keep_bytecode()

    assert "PYTHONPYCACHEPREFIX" not in os.environ
