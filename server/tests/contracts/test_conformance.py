"""Schemathesis over every operation of every API document: whatever is sent, the answer is one that it announces.

Each example runs in a transaction that is rolled back, so that none sees another. KARVON_FUZZ_EXAMPLES raises their
number, KARVON_FUZZ_SEED replaces the fixed one: that is how new faults are looked for by hand.
"""

from __future__ import annotations

import os
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from tests.contracts.operations import Operation, list_all_operations, read_document
from tests.contracts.test_rights import TABLE
from tests.contracts.world import ADMIN, CUSTOMER, GUEST, OWNER, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]

EXAMPLES = int(os.environ.get("KARVON_FUZZ_EXAMPLES", "8"))
SEED = os.environ.get("KARVON_FUZZ_SEED")
CHECKS: list[Any] = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
# fields and query parameters that name a row, and where an example may find a living one
REFERENCES = {
    "address_id": "address_id",
    "asset": "image_id",
    "branch": "branch_id",
    "branch_id": "branch_id",
    "categories": "category",
    "category": "category",
    "collection": "collection",
    "from_branch": "branch_id",
    "level": "level_id",
    "merchant": "merchant",
    "modifier_groups": "group_id",
    "order": "order_id",
    "parent": "category",
    "product": "product",
    "product_id": "product",
    "products": "product",
    "variant": "variant",
    "variant_id": "variant",
}


@cache
def load(document: str) -> Any:
    from karvon.wsgi import application

    # of a copy: the requests it draws hold the document's own examples, which `aim` then changes
    schema = schemathesis.openapi.from_dict(deepcopy(read_document(document)), config=SchemathesisConfig())
    schema.app = application
    return schema


def aim(operation: Operation, case: Any, world: World) -> None:
    """Let a generated request mean rows that exist, as far as it is of the documented shape."""
    if "cart_id" in operation.parameters:
        world.make_guest_cart()
    case.path_parameters = {name: world.ids[operation.name_of(name)] for name in operation.parameters}
    case.body = deepcopy(case.body)
    for container in (case.query, case.body):
        if not isinstance(container, dict):
            continue
        for name in REFERENCES.keys() & container.keys():
            living = world.ids[REFERENCES[name]]
            if isinstance(container[name], list):
                container[name] = [living, *container[name][1:]]
            elif type(container[name]) is int:
                container[name] = living


@pytest.mark.parametrize("operation", list_all_operations(), ids=str)
def test_every_answer_is_documented(operation: Operation, world: World) -> None:
    # what needs a provider that is not connected says so by its documented 503
    awaits_provider = 503 in TABLE[operation.details["operationId"]]
    own_checks = CHECKS if awaits_provider else [not_a_server_error, *CHECKS]
    generated = load(operation.document)[operation.path][operation.method]

    @given(
        case=st.one_of(
            generated.as_strategy(generation_mode=GenerationMode.POSITIVE),
            generated.as_strategy(generation_mode=GenerationMode.NEGATIVE),
        ),
        who=st.sampled_from([ADMIN, OWNER, CUSTOMER, GUEST]),
        is_aimed=st.sampled_from([True, True, True, False]),
    )
    def example(case: Any, who: str, is_aimed: bool) -> None:
        with world.as_new():
            if is_aimed:
                aim(operation, case, world)
            case.call_and_validate(headers=world.headers(who), checks=own_checks)

    run = settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=SEED is None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )(example)
    (seed(int(SEED))(run) if SEED else run)()
