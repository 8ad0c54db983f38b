"""Makes the virtual environment from locked, hashed requirements, then becomes a program of it.

    python3 install.py base|dev|tools [<program of the environment> | <file>.py | -m <module>] [arguments …]

Runs before anything is installed: standard library only. Nothing is done when the locks have not changed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

SERVER = Path(__file__).resolve().parents[2]
REQUIREMENTS = SERVER / "requirements"
KINDS = ("base", "dev", "tools")
BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)


def home() -> Path:
    return Path(os.environ.get("KARVON_HOME") or SERVER.parent / ".karvon").expanduser().resolve()


def say(text: str) -> None:
    sys.stderr.write(f"karvon   │ {text}\n")
    sys.stderr.flush()


def fingerprint(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def environment() -> dict[str, str]:
    """Ours, with the certificates and the package index that pip uses made known to uv."""
    env = dict(os.environ)
    bundle = env.get("PIP_CERT") or next((each for each in BUNDLES if Path(each).exists()), "")
    if bundle:
        env.setdefault("SSL_CERT_FILE", bundle)
    if env.get("PIP_INDEX_URL"):
        env.setdefault("UV_DEFAULT_INDEX", env["PIP_INDEX_URL"])
    env.setdefault("UV_HTTP_TIMEOUT", "180")
    env.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    env["UV_PYTHON_DOWNLOADS"] = "never"
    env.pop("VIRTUAL_ENV", None)
    return env


def make_venv(venv: Path) -> None:
    """An environment whose Python runs; a broken one (moved, or its Python removed) is made anew."""
    python = venv / "bin" / "python"
    works = (
        python.exists()
        and subprocess.run([str(python), "-c", ""], capture_output=True, check=False).returncode == 0
    )
    if works:
        return
    say(f"making a virtual environment in {venv}")
    shutil.rmtree(venv, ignore_errors=True)
    venv.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run([sys.executable, "-m", "venv", str(venv)], check=False)
    if done.returncode != 0:
        shutil.rmtree(venv, ignore_errors=True)
        sys.exit(
            "Python could not make a virtual environment; on Debian and Ubuntu: apt install python3-venv"
        )


def install(venv: Path, lock: Path) -> None:
    """Install a lock with uv, or with pip where uv does not work."""
    python, env = str(venv / "bin" / "python"), environment()
    uv = venv / "bin" / "uv"
    pip = [python, "-m", "pip", "install", "--require-hashes", "-r"]
    started = time.monotonic()
    say(f"installing {lock.name} (the first time takes a minute or two)")
    if not uv.exists():
        subprocess.run([*pip, str(REQUIREMENTS / "bootstrap.txt"), "-q"], env=env, check=False)
    command = [str(uv), "pip", "install", "--python", python, "--require-hashes", "-r", str(lock)]
    if not uv.exists() or subprocess.run(command, env=env, check=False).returncode != 0:
        say("uv did not manage it; once more with pip")
        if subprocess.run([*pip, str(lock)], env=env, check=False).returncode != 0:
            sys.exit("The packages could not be installed; see above. The next `make` goes on from there.")
    say(f"installed in {time.monotonic() - started:.0f} s")


def ensure(kind: str) -> Path:
    """The environment with everything of `base` (to run), `dev` (also to test) or `tools` (also to look inside and to load);
    returns its folder.
    """
    venv = home() / "venv"
    stamp = venv / ".karvon-installed"
    lock = REQUIREMENTS / f"{kind}.txt"
    wanted = f"{kind} {fingerprint(lock)}"
    make_venv(venv)
    known = stamp.read_text().splitlines() if stamp.exists() else []
    if wanted not in known:
        install(venv, lock)
        # each holds everything of those before it at the same versions
        held = KINDS[: KINDS.index(kind)]
        kept = [line for line in known if line.split(" ")[0] in KINDS[KINDS.index(kind) + 1 :]]
        fresh = [f"{each} {fingerprint(REQUIREMENTS / f'{each}.txt')}" for each in held]
        stamp.write_text("\n".join([*fresh, wanted, *kept]) + "\n")
    return venv


def keep_bytecode() -> None:
    """Where Python must not write beside the sources (containers say so), what it compiles is kept in the home: the shop is a
    dozen processes, and compiling costs each of them more than all the rest of its start.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(home() / "bytecode"))


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - run by whatever Python was called
        sys.exit("Karvon needs Python 3.11 or later")
    if len(sys.argv) < 2 or sys.argv[1] not in KINDS:
        sys.exit(__doc__)
    venv = ensure(sys.argv[1])
    arguments = sys.argv[2:]
    if not arguments:
        return
    program = venv / "bin" / arguments[0]
    if not arguments[0].startswith("-") and program.exists():
        command = [str(program), *arguments[1:]]
    else:
        command = [str(venv / "bin" / "python"), *arguments]
    os.environ["KARVON_HOME"] = str(home())
    keep_bytecode()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "karvon.settings.development")
    if arguments[0] == "pytest":
        os.environ.pop("DJANGO_SETTINGS_MODULE")
    os.chdir(SERVER)
    os.execv(command[0], command)  # noqa: S606 - becomes that program


if __name__ == "__main__":
    main()
