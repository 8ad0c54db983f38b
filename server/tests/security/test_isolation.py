"""Nobody reaches another tenant's rows: every identifier of every operation, in its path, query and body at any depth, is replaced,
one at a time, by the same kind of row of somebody else, in a request that is otherwise the caller's own.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.contracts.asking import body_of, send, url_of
from tests.contracts.identifiers import Place, list_places, with_identifier
from tests.contracts.operations import Operation, list_all_operations
from tests.contracts.test_rights import REFUSED_WITHIN, count_writes
from tests.contracts.world import CUSTOMER, OWNER, STRANGER, World

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
COMMON = {"attribute_id", "category", "category_id", "kind", "tag", "upload"}
# whoever knows a guest's cart may use it, and what lies in it
BEARER = {"cart_id", "item_id"}


def aim(mirror: World, operation: Operation, place: Place, victim: Any) -> tuple[str, dict[str, Any] | None]:
    """The caller's own request, but for one identifier."""
    url, body = url_of(mirror, operation), body_of(mirror, operation)
    if place.where == "path":
        mirror.ids, own = {**mirror.ids, place.row: victim}, mirror.ids
        try:
            url = url_of(mirror, operation)
        finally:
            mirror.ids = own
    elif place.where == "query":
        url += f"?{place.name}={victim}"
    else:
        body = with_identifier(body or {}, place.name, victim)
    return url, body


@pytest.mark.parametrize("operation", list_all_operations(), ids=str)
def test_nobody_reaches_the_rows_of_others(operation: Operation, world: World) -> None:
    mirror, reached = world.mirrored(), []
    for place in list_places(operation):
        if place.row in COMMON | BEARER or (operation.details["operationId"], str(place)) in PUBLIC:
            continue
        for who in (OWNER, CUSTOMER):
            with world.as_new():
                mirror.ids["line_id"] = world.fill_cart(STRANGER)
                url, body = aim(mirror, operation, place, world.ids[place.row])
                before = count_writes()
                answer = send(mirror, operation, who, url=url, body=body)
                has_written = count_writes() > before
            if not is_refused(answer, place) or (
                has_written and operation.details["operationId"] not in REFUSED_WITHIN
            ):
                reached.append((who, str(place), answer.status_code, answer.content[:300]))

    assert reached == []


def is_refused(answer: Any, place: Place) -> bool:
    """An error of the caller's; or an empty list, where another one's row is asked for as a filter."""
    if place.where == "query" and answer.status_code == 200:
        return answer.json().get("results") == []
    return answer.status_code in {400, 401, 403, 404, 415}


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
