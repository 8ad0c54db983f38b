"""Who has bought what: asked here, answered by the room that keeps orders (a floor above this one)."""

from __future__ import annotations

from collections.abc import Callable

# (user id, product id) -> whether an order of this person with this product was handed over
Checker = Callable[[int, int], bool]

_checkers: list[Checker] = []


def register(checker: Checker) -> None:
    """Called once by the room that knows, when the server starts."""
    if checker not in _checkers:
        _checkers.append(checker)


def has_bought(user_id: int, product_id: int) -> bool:
    """Whether the person has bought the product; nobody has while no room says so."""
    return any(checker(user_id, product_id) for checker in _checkers)
