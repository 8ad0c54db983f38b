"""Nobody reaches another tenant's rows: every identifier of every operation, in its path, query and body at any depth, is replaced,
one at a time, by the same kind of row of somebody else, in a request that is otherwise the caller's own - and that works as it
is, which is asked first: a refusal of a request that nobody could send would prove nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.contracts.asking import body_of, send, url_of
from tests.contracts.identifiers import Place, list_places, with_identifier
from tests.contracts.operations import Operation, list_all_operations
from tests.contracts.test_rights import REFUSED_WITHIN, count_writes
from tests.contracts.world import ADMIN, CUSTOMER, OWNER, STRANGER, World

pytestmark = pytest.mark.django_db

# what a merchant shows to everybody: seen, bought, reviewed and liked by anyone
ON_SHOW = """
add_favourite           body product
branches_list           query merchant
branches_retrieve       path branch_id
cart_add                body product_id
cart_add                body variant_id
cart_retrieve           query branch
food_cart_add           body product_id
food_cart_add           body variant_id
get_collection          path key
get_likes               path object_id
get_object_tags         path object_id
get_product             path key
like                    path object_id
list_products           query branch
list_products           query merchant
market_cart_add         body variant_id
market_products_list    query branch
market_products_list    query merchant
market_products_retrieve path key
market_reviews_create   body product
market_reviews_list     query product
merchants_branches_list path key
merchants_retrieve      path key
remove_favourite        path product_id
store_items_create      body product_id
unlike                  path object_id
reviews_create          body product
reviews_list            query merchant
reviews_list            query product
reviews_report          path review_id
reviews_retrieve        path review_id
store_images_list       path product_id
store_products_retrieve path product_id
store_reviews_create    path product_id
store_reviews_list      path product_id
store_page_retrieve     path username
"""
PUBLIC = {tuple(line.split(maxsplit=1)) for line in ON_SHOW.strip().splitlines()}
# what all merchants share, or what is a ticket of its own
COMMON = {"action", "attribute_id", "category", "category_id", "kind", "provider", "tag", "upload"}
# whoever knows a guest's cart may use it, and what lies in it; the key of a callback's address opens nothing by itself
BEARER = {"account_key", "cart_id", "item_id"}


# requests that the world cannot make succeed for anybody, so that their refusals prove less: each with the reason
UNPROVED: dict[tuple[str, str], str] = {}
# answers that say who may not, whatever is asked for; any other refusal proves something only when the caller's own request works
BY_RIGHT = {401, 403, 404}


@dataclass
class Attempt:
    """What came of one request."""

    status: int
    has_written: bool
    results: Any
    said: bytes

    @property
    def has_worked(self) -> bool:
        """Whether it was answered, and a filter let something through."""
        return 200 <= self.status < 300 and self.results != []


def attempt(world: World, operation: Operation, place: Place, row: Any, who: str) -> Attempt:
    """The caller's own request, in which one identifier is this one; taken back afterwards."""
    with world.as_new():
        world.other_ids["line_id"] = world.fill_cart(STRANGER)
        url, body = aim(world, operation, place, row(world))
        before = count_writes()
        answer = send(world, operation, who, url=url, body=body)
        results = (
            answer.json().get("results") if place.where == "query" and answer.status_code == 200 else None
        )
        said = b"a file" if answer.streaming else answer.content[:300]
        return Attempt(answer.status_code, count_writes() > before, results, said)


def aim(world: World, operation: Operation, place: Place, row: Any) -> tuple[str, dict[str, Any] | None]:
    """Address and body of the caller's own request, but for one identifier."""
    url, body = url_of(world, operation), body_of(world, operation)
    if place.where == "path":
        own, world.ids = world.ids, {**world.ids, place.row: row}
        try:
            url = url_of(world, operation)
        finally:
            world.ids = own
    elif place.where == "query":
        url += f"{'&' if '?' in url else '?'}{place.name}={row}"
    else:
        body = with_identifier(body or {}, place, row)
    return url, body


class Own:
    """What everybody gets for the same requests with identifiers of their own; each distinct one is sent once."""

    def __init__(self, world: World, operation: Operation) -> None:
        self.world, self.operation = world, operation
        self._known: dict[tuple[str, str], Attempt] = {}

    def of(self, place: Place, who: str) -> Attempt:
        key = (self._request(place), who)
        if key not in self._known:
            self._known[key] = attempt(
                self.world, self.operation, place, lambda world: world.ids[place.row], who
            )
        return self._known[key]

    def _request(self, place: Place) -> str:
        """What tells this request from the others of the operation: nothing where the example names the row already."""
        if place.where == "path":
            return ""
        example = body_of(self.world, self.operation) or {}
        changed = repr(with_identifier(example, place, self.world.ids[place.row]))
        return str(place) if place.where == "query" or changed != repr(example) else ""


def places_to_try(operation: Operation) -> list[Place]:
    """The identifiers of rows that somebody has to themselves."""
    name = operation.details["operationId"]
    return [
        each
        for each in list_places(operation)
        if each.row not in COMMON | BEARER and (name, str(each)) not in PUBLIC
    ]


@pytest.mark.parametrize(
    "operation", [each for each in list_all_operations() if places_to_try(each)], ids=str
)
def test_nobody_reaches_the_rows_of_others(operation: Operation, world: World) -> None:
    name, own, reached, unproved = operation.details["operationId"], Own(world, operation), [], {}
    for place in places_to_try(operation):
        # the control: the same request about one's own row works, for an operator where nobody else may
        works = any(own.of(place, who).has_worked for who in (OWNER, CUSTOMER, ADMIN))
        if not works:
            unproved[(name, str(place))] = [own.of(place, who) for who in (OWNER, CUSTOMER, ADMIN)]
        for who in (OWNER, CUSTOMER):
            found = attempt(
                world, operation, place, lambda world, place=place: world.other_ids[place.row], who
            )
            # an empty list tells nothing to whom it is empty anyway, once the filter has been seen to work
            is_proved = (
                own.of(place, who).has_worked or found.status in BY_RIGHT or found.results == [] or not works
            )
            if not is_refused(found) or not is_proved or (found.has_written and name not in REFUSED_WITHIN):
                reached.append((who, str(place), found, own.of(place, who)))

    assert reached == []
    # every refusal above was one of a good request, or stands in the table; and the table holds nothing else
    listed = {each for each in UNPROVED if each[0] == name}
    assert unproved.keys() == listed, [unproved.get(each) for each in unproved.keys() - listed]


def is_refused(found: Attempt) -> bool:
    """An error of the caller's; or an empty list, where another one's row is asked for as a filter."""
    if found.status == 200:
        return found.results == []
    return found.status in {400, 401, 403, 404, 415}


def test_what_is_common_is_common_and_the_rest_is_not(world: World) -> None:
    same = {name for name, row in world.ids.items() if world.other_ids[name] == row}

    assert same - BEARER == COMMON


def test_what_is_on_show_is_there() -> None:
    places = {
        (each.details["operationId"], str(place))
        for each in list_all_operations()
        for place in list_places(each)
    }

    assert PUBLIC - places == set()


def test_a_number_that_nobody_classified_is_noticed() -> None:
    schema = {
        "properties": {"lines": {"type": "array", "items": {"properties": {"thing": {"type": "integer"}}}}}
    }
    content = {"application/json": {"schema": schema}}
    operation = Operation(
        "POST", "/api/v1/things/", {"operationId": "x", "requestBody": {"content": content}}
    )

    with pytest.raises(LookupError, match=r"lines\.thing"):
        list_places(operation)
