"""Where a request names rows: every identifier in the path, the query and, at any depth, the body of an operation.

Found from the API documents, not from a list of endpoints: what is new is found by itself, and a name that this page does not
know fails `tests/security/test_isolation.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from tests.contracts.operations import Operation, read_document

# name of a field or query parameter → the row of the world that it names
NAMES: Mapping[str, str] = {
    "address_id": "address_id",
    "asset": "image_id",
    "branch": "default_branch",
    "branch_id": "default_branch",
    "from_branch": "default_branch",
    "image": "image_id",
    "images": "image_id",
    "logo": "image_id",
    "merchant": "merchant",
    "merchants": "merchant",
    "modifier_groups": "group_id",
    "order": "order_id",
    "order_id": "order_id",
    "product": "product",
    "product_id": "product",
    "products": "product",
    "target_id": "merchant",
    "to_branch": "branch_id",
    "variant": "variant",
    "variant_id": "variant",
}
# the same name means another row here
NAMES_OF: Mapping[tuple[str, str], str] = {
    ("product_images_reorder", "order"): "product_image",
    ("payments_list", "order_id"): "refundable_order",
    ("stock_movements_list", "level"): "level_id",
}
# numbers and UUIDs that name no row of a tenant: amounts, places in an order, what all merchants share, and the ids of carts,
# which are secrets themselves
_PLAIN = """
cart_id inventory categories category collection low_threshold max_picks min_picks modifiers modifiers.id on_hand page page_size
parent per_customer_limit position price_max price_min priority quantity quantity_delta rating rating_min
items.modifiers items.quantity stock stock_quantity total_limit variants.stock variants.stock_quantity variants.weight_grams
"""
PLAIN = frozenset(_PLAIN.split())


@dataclass(frozen=True)
class Place:
    """One identifier of a request: `where` is path, query or body, `name` as documented, `row` a key of the world's ids;
    `is_list` where the field takes many of them.
    """

    where: str
    name: str
    row: str
    is_list: bool = False

    def __str__(self) -> str:
        return f"{self.where} {self.name}"


def list_places(operation: Operation) -> list[Place]:
    """Every identifier that the operation takes. Raises LookupError for a number that nobody has classified."""
    found = [Place("path", name, operation.name_of(name)) for name in operation.parameters]
    parameters = operation.details.get("parameters", [])
    asked = {each["name"]: each["schema"] for each in parameters if each["in"] == "query"}
    for where, fields in (("query", asked), ("body", dict(list_fields(operation)))):
        for name, schema in fields.items():
            row = NAMES_OF.get((operation.details["operationId"], name)) or NAMES.get(name.rpartition(".")[2])
            if row is None and name not in PLAIN and _may_name_a_row(schema):
                raise LookupError(
                    f"{operation}: {where} {name!r} is a number or a UUID: enter it in NAMES, with the row it names, or in PLAIN"
                )
            if row is not None and schema.get("format") != "binary":
                found.append(Place(where, name, row, "array" in _types(schema)))
    return found


def list_fields(operation: Operation) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every field of the bodies that the operation takes, with its schema; inner ones as "lines.quantity"."""
    for content in operation.details.get("requestBody", {}).get("content", {}).values():
        yield from _walk(content["schema"], operation.document, "")


def _walk(schema: Mapping[str, Any], document: str, prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, given in _resolve(schema, document).get("properties", {}).items():
        field = _resolve(given, document)
        yield prefix + name, field
        inner = _resolve(field["items"], document) if field.get("type") == "array" else field
        yield from _walk(inner, document, f"{prefix}{name}.")


def _resolve(schema: Mapping[str, Any], document: str) -> Mapping[str, Any]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _resolve(read_document(document)["components"]["schemas"][name], document)
    for each in schema.get("allOf", []):
        schema = {**schema, **_resolve(each, document)}
    return schema


def _may_name_a_row(schema: Mapping[str, Any]) -> bool:
    kinds = [schema, schema.get("items", {}), *schema.get("oneOf", []), *schema.get("anyOf", [])]
    return any("integer" in _types(each) or each.get("format") == "uuid" for each in kinds)


def _types(schema: Mapping[str, Any]) -> list[str]:
    given = schema.get("type", [])
    return given if isinstance(given, list) else [given]


def with_identifier(body: Any, place: Place, value: Any) -> Any:
    """A copy of the body in which the field of that place, wherever it is, holds another identifier; a list holds it as well as
    what it held.
    """
    changed = deepcopy(body)
    *folders, field = place.name.split(".")
    holders = [changed]
    for folder in folders:
        inner = [holder.get(folder) for holder in holders]
        holders = [row for each in inner for row in (each if isinstance(each, list) else [each]) if row]
    for holder in holders:
        if place.is_list:
            old = holder.get(field) or []
            holder[field] = old if value in old else [*old, value]
        else:
            holder[field] = value
    return changed
