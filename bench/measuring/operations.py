"""What is measured, and what it is measured against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from measuring.load import Seen, send, walk
from measuring.programs import BARE, KARVON, PLAIN, Web

LIST, DETAIL, SEARCH = "product list, 20 items", "product detail", "search"
ADD, CHECKOUT, JOURNEY = (
    "cart add (a new cart with a line)",
    "checkout, 2 lines",
    "whole checkout (3 requests)",
)
CART = "cart, 2 lines"
# the first page of products as the other doors answer it
FOOD_LIST, STORE_LIST, SHOP_LIST = (
    "product list, food and SKU doors",
    "product list, storefront door",
    "own products, merchant door",
)
DOOR_LISTS = (FOOD_LIST, STORE_LIST, SHOP_LIST)
FEW = 2  # connections of a shop that is not pushed to its limit: for latencies


@dataclass(frozen=True)
class Operation:
    """A row of the table. `files` names the requests of each system; `kind` how they are sent."""

    name: str
    files: dict[str, str]
    kind: str = "read"  # read, write (every status checked), once (each request once), journey

    @property
    def counted_as(self) -> str:
        """Under which name its statements were counted."""
        return self.files[KARVON]


def _own(name: str, file: str, kind: str = "read") -> Operation:
    return Operation(name, {KARVON: file}, kind)


OPERATIONS = (
    Operation(LIST, {KARVON: "list", PLAIN: "plain-list", BARE: "plain-list"}),
    Operation(DETAIL, {KARVON: "detail", PLAIN: "plain-detail", BARE: "plain-detail"}),
    _own(FOOD_LIST, "food-list"),
    _own(STORE_LIST, "store-list"),
    _own(SHOP_LIST, "merchant-list"),
    _own("list, deep pages by cursor", "deep"),
    _own("list with filters", "filters"),
    _own("list with facets", "facets"),
    _own(SEARCH, "search"),
    _own("search, words that most goods have", "common"),
    _own("suggestions while typing", "suggestions"),
    _own(CART, "cart"),
    _own(ADD, "add", "write"),
    _own(CHECKOUT, "checkout", "once"),
    _own(JOURNEY, "journey", "journey"),
)
IN_A_HURRY = (LIST, *DOOR_LISTS, DETAIL, SEARCH, CART, ADD, CHECKOUT, JOURNEY)
AGAINST_PEERS = (LIST, DETAIL, ADD, JOURNEY)


@dataclass(frozen=True)
class Place:
    """Where a figure belongs."""

    operation: str
    products: int
    system: str
    workers: int = 1
    connections: int = 16


@dataclass(frozen=True)
class Point:
    """A figure to be measured once a round."""

    place: Place
    run: Callable[[int, float], Seen]


def point_of(wrk: str, operation: Operation, place: Place, web: Web, folder: Path) -> Point:
    """How the operation is sent to this server; `run` takes the round's number and seconds."""
    file = operation.files[place.system]

    def run(number: int, seconds: float) -> Seen:
        if operation.kind == "journey":
            return walk(wrk, web, folder / file, seconds=seconds)
        if operation.kind == "once":
            slice_ = folder / f"{file}-{number}"
            return send(wrk, web, slice_, seconds=seconds, expected=201, once=True)
        expected = 200 if operation.kind == "write" else 0
        return send(
            wrk, web, folder / file, seconds=seconds, expected=expected, connections=place.connections
        )

    return Point(place, run)
