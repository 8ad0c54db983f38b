"""The operations of the committed API document, and what to put in their paths."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DOCUMENTS = Path(__file__).resolve().parents[3] / "docs" / "openapi"
DOCUMENT_NAMES = ("v1", "market", "storefront")
METHODS = ("get", "post", "put", "patch", "delete")

# longest first: an operation's folder is the first segment behind its door
_DOORS = (
    "/api/merchant/", "/api/admin/", "/api/store/", "/api/v1/", "/api/", "/store/", "/auth/", "/payments/",
)  # fmt: skip
# {key} and shared names, by folder (an image of a product is none of the library)
_OF_FOLDER = {
    ("analytics", "key"): "merchant",
    ("categories", "key"): "category",
    ("documents", "document_id"): "order_document",
    ("collections", "key"): "collection",
    ("merchants", "key"): "merchant",
    ("products", "key"): "product",
    ("products", "image_id"): "product_image",
    ("tags", "slug"): "tag",
    ("import-jobs", "job_id"): "import",
    ("export-jobs", "job_id"): "export",
}
# rows that are as one operation needs them, where the first one is not
_OF_OPERATION = {
    ("orders_refund", "order_id"): "refundable_order",
    ("payouts_mark_failed", "payout_id"): "approved_payout",
    ("payouts_mark_paid", "payout_id"): "approved_payout",
    ("store_products_destroy", "product_id"): "unsold_product",
}


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    details: Mapping[str, Any]
    document: str = "v1"

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        """The names in the path."""
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]

    def name_of(self, parameter: str) -> str:
        """What the world calls the row that this parameter of the path means."""
        special = _OF_OPERATION.get((self.details["operationId"], parameter))
        return special or _OF_FOLDER.get((self.folder, parameter), parameter)

    @property
    def folder(self) -> str:
        """The collection that the path begins with, such as "products"."""
        door = next(each for each in _DOORS if self.path.startswith(each))
        return self.path.removeprefix(door).split("/")[0]

    def url(self, ids: Mapping[str, Any]) -> str:
        """The path of living rows."""
        return self.path.format(**{name: ids[self.name_of(name)] for name in self.parameters})

    def example_body(self) -> Any:
        """A copy of the first documented request example, to be changed at will; or None."""
        content = self.details.get("requestBody", {}).get("content", {})
        for kind in content.values():
            for example in kind.get("examples", {}).values():
                return deepcopy(example["value"])
        return None


@cache
def read_document(name: str = "v1") -> dict[str, Any]:
    """docs/openapi/<name>.yaml, which `make check` holds equal to the code."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load((DOCUMENTS / f"{name}.yaml").read_text(), loader)
    return document


@cache
def list_operations(name: str = "v1") -> tuple[Operation, ...]:
    """The operations of one document, by path."""
    return tuple(
        Operation(method.upper(), path, details, name)
        for path, item in sorted(read_document(name)["paths"].items())
        for method, details in item.items()
        if method in METHODS
    )


def list_all_operations() -> tuple[Operation, ...]:
    """The operations of every document: every door."""
    return tuple(each for name in DOCUMENT_NAMES for each in list_operations(name))
