"""Pictures named by a file, looked up in a folder beside it. Addresses are never fetched."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from karvon.catalog.models import ProductImage
from karvon.kernel.errors import DomainError
from karvon.media.models import Asset
from karvon.media.selectors import merchant_ref
from karvon.media.services import store_image
from karvon.media.storage import read_public

if TYPE_CHECKING:
    from karvon.accounts.models import User
    from karvon.merchants.models import Merchant

_EXTENSIONS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif")


def base_name(source: str) -> str:
    """The file's name at the end of an address or a path: ".../photos/shoe%20red.jpg?v=2" -> "shoe
    red.jpg".
    """
    path = unquote(urlsplit(source).path) if "://" in source else source
    return path.replace("\\", "/").rsplit("/", 1)[-1].strip()


@dataclass
class ImageFolder:
    """A folder of pictures, known by their names in any case.

    Files outside of it cannot be reached through a name.
    """

    path: Path
    _files: dict[str, Path] = field(init=False)

    def __post_init__(self) -> None:
        self._files = {
            file.name.casefold(): file
            for file in sorted(self.path.rglob("*"), reverse=True)
            if file.suffix.lower() in _EXTENSIONS and file.is_file() and not file.is_symlink()
        }

    def find(self, source: str) -> Path | None:
        return self._files.get(base_name(source).casefold())


def list_known_assets(merchant: Merchant, names: set[str]) -> dict[str, int]:
    """The merchant's pictures whose stored file has one of these names: {name: asset id}; one query.

    Names that an export wrote are hashes of the content; others cannot be known.
    """
    by_digest = {name.split(".")[0]: name for name in names if len(name.split(".")[0]) == 64}
    if not by_digest:
        return {}
    assets = Asset.objects.filter(owner_ref=merchant_ref(merchant.pk), sha256__in=by_digest)
    return {by_digest[digest]: pk for digest, pk in assets.values_list("sha256", "pk")}


def store_from_folder(
    folder: ImageFolder, source: str, *, merchant: Merchant, actor: User | None, keeps_file: bool
) -> Asset | DomainError | None:
    """The picture that `source` names, stored as the merchant's (without `keeps_file` only its row, see
    `store_image`); what is wrong with it; None where it is not there.
    """
    path = folder.find(source)
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            return store_image(
                data=file,
                file_name=path.name,
                owner_ref=merchant_ref(merchant.pk),
                actor=actor,
                keeps_file=keeps_file,
            )
    except DomainError as error:
        return error


def copy_originals(merchant: Merchant, folder: Path) -> int:
    """Copy the pictures that the merchant's products show into `folder`, under the names that exports give
    them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shown = ProductImage.objects.filter(product__merchant=merchant, product__deleted_at__isnull=True)
    files = shown.order_by().values_list("asset__file", flat=True).distinct()
    copied = 0
    for file in files.iterator(chunk_size=500):
        (folder / base_name(file)).write_bytes(read_public(file))
        copied += 1
    return copied
