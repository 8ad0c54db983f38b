"""Where files lie: public pictures under the hash of their bytes, private files out of the web's reach.

Which storage is behind the two names is the settings' affair (`STORAGES["default"]`,
`STORAGES["private"]`): local folders by default, S3 through django-storages.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages

from karvon.media.errors import StorageFull


class AtomicFileSystemStorage(FileSystemStorage):
    """A folder in which a file is there completely or not at all.

    Names are given by the caller and never changed: what is stored under the hash of its bytes may be
    written again, with the same bytes, by anyone at any time.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: File) -> str:
        path = self.path(name)
        folder = os.path.dirname(path)
        os.makedirs(folder, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".part-")
        try:
            with os.fdopen(handle, "wb") as target:
                for chunk in content.chunks():
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            os.chmod(temporary, self.file_permissions_mode or 0o644)
            os.replace(temporary, path)
        except BaseException:
            _remove_if_there(temporary)
            raise
        return name.replace("\\", "/")


def _remove_if_there(path: str) -> None:
    try:
        os.remove(path)
    except FileNotFoundError:
        return


def public_storage() -> Storage:
    """Pictures that anyone may load."""
    return storages["default"]


def private_storage() -> Storage:
    """Import files, exports and uploads on their way: never under the public address."""
    return storages["private"]


def content_name(folder: str, digest: str, suffix: str) -> str:
    """`folder/ab/cd/<digest><suffix>`: two levels of shards keep folders small."""
    return f"{folder}/{digest[:2]}/{digest[2:4]}/{digest}{suffix}"


@contextmanager
def _storage_errors() -> Iterator[None]:
    """A full disk or an unreachable bucket is told as such."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StorageFull from error
    except _remote_errors() as error:
        raise StorageFull from error


def _remote_errors() -> tuple[type[Exception], ...]:
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:  # the S3 extra is not installed, so nothing remote can fail
        return ()
    return (BotoCoreError, ClientError)


def put_once(name: str, data: bytes) -> None:
    """Store `data` under its content name unless it is there. Raises StorageFull."""
    storage = public_storage()
    with _storage_errors():
        if not storage.exists(name):
            storage.save(name, ContentFile(data))


def put_private(name: str, content: File[Any]) -> str:
    """Store a private file and return its name. Raises StorageFull."""
    with _storage_errors():
        return private_storage().save(name, content)


def read_public(name: str) -> bytes:
    """A public file's bytes. Raises FileNotFoundError, StorageFull."""
    with _storage_errors(), public_storage().open(name, "rb") as file:
        return bytes(file.read())


def open_private(name: str) -> File[Any]:
    """A private file for reading. Raises FileNotFoundError, StorageFull."""
    with _storage_errors():
        return private_storage().open(name, "rb")


def remove_public(names: Iterable[str]) -> None:
    with _storage_errors():
        for name in names:
            public_storage().delete(name)


def remove_private(name: str) -> None:
    """Remove a private file; one that is gone already is no error."""
    if name:
        with _storage_errors():
            private_storage().delete(name)
