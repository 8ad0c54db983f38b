"""Every endpoint that writes leaves an entry that names the person and the object, when it is somebody of the back office."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.permissions import SAFE_METHODS

from karvon.accounts.models import User
from karvon.audit.models import AuditEntry
from tests.contracts.asking import ask
from tests.contracts.operations import Operation, list_all_operations
from tests.contracts.test_rights import TABLE, WHO
from tests.contracts.world import ADMIN, CLERK, OWNER, World

pytestmark = pytest.mark.django_db

# operation → why nothing of it is in the log
SILENT = {
    "auth_jwt_create": "a login is nobody's write yet",
    "auth_jwt_logout": "no access token is shown",
    "auth_jwt_refresh": "no access token is shown",
    "auth_jwt_verify": "writes nothing",
    "auth_users_reset_password": "whoever asks is not known",
    "auth_users_reset_password_confirm": "the link proves who it is, no token does",
    "cart_add": "carts are in Redis",
    "cart_clear": "carts are in Redis",
    "cart_coupon_apply": "carts are in Redis",
    "cart_coupon_remove": "carts are in Redis",
    "cart_create": "carts are in Redis",
    "cart_merge": "carts are in Redis",
    "cart_partial_update": "carts are in Redis",
    "cart_remove": "carts are in Redis",
    "cart_update": "carts are in Redis",
    "food_cart_add": "carts are in Redis",
    "images_signed_upload": "the signed address proves it, no token does",
    "images_upload_url": "signs an address and stores nothing",
    "invitations_show": "tells what a link says and writes nothing",
    "market_cart_add": "carts are in Redis",
    "merchant_login": "a login is nobody's write yet",
    "merchant_password_reset": "whoever asks is not known",
    "merchant_password_reset_confirm": "the link proves who it is, no token does",
    "merchant_token_refresh": "no access token is shown",
    "merchants_activate": "the shop is open as it stands",
    "notifications_read_all": "nothing waits in the owner's inbox; reading is no deed anyway",
    "operator_merchants_activate": "the shop is open as it stands",
    "orders_reorder": "fills a cart, which is in Redis",
    "payments_create": "a payment keeps a timeline of its own",
    "product_images_reorder": "one picture has one order",
    "remove_favourite": "the example is nobody's favourite of the back office",
    "reviews_reply_destroy": "there is no reply as yet",
    "reviews_unhide": "the review is on show",
    "sku_stripe_webhook": "an event of nobody's payment changes nothing",
    "sku_token_create": "a login is nobody's write yet",
    "sku_token_refresh": "no access token is shown",
    "store_carts_create": "carts are in Redis",
    "store_carts_destroy": "carts are in Redis",
    "store_items_create": "carts are in Redis",
    "store_items_destroy": "carts are in Redis",
    "store_items_partial_update": "carts are in Redis",
    "store_jwt_create": "a login is nobody's write yet",
    "store_jwt_refresh": "no access token is shown",
    "store_jwt_verify": "writes nothing",
    "store_payments_create_intent": "a payment's timeline is its events and attempts",
    "store_payments_webhook": "an event of nobody's payment changes nothing",
    "unlike": "the example is nobody's like of the back office",
}
# named in the path by a slug, or by the row to which what is written belongs
NAMED_OTHERWISE = {
    "change_attribute",
    "change_collection",
    "change_tag",
    "delete_tag",
    "fulfilments_cancel_lines",
    "like",
    "merchant_me_kyc",
    "merchant_products_partial_update",
    "merchants_bank_details_update",
    "merchants_kyc_create",
    "payout_batches_approve",
    "set_object_tags",
}
# whoever registers acts, whatever token is shown with it
ACTS_AS_NEW = {"merchant_register"}


def somebody(operation: Operation) -> str | None:
    """Whom of the back office the operation lets do it."""
    allowed = dict(zip(WHO, TABLE[operation.details["operationId"]], strict=True))
    return next((who for who in (OWNER, ADMIN, CLERK) if allowed[who] < 300), None)


WRITING = [
    each for each in list_all_operations() if each.method not in SAFE_METHODS and somebody(each) is not None
]


@pytest.mark.parametrize("operation", WRITING, ids=str)
def test_whatever_the_back_office_writes_is_in_the_log(operation: Operation, world: World) -> None:
    who = somebody(operation)
    assert who is not None

    answer = ask(world, operation, who)

    assert answer.status_code < 300, answer.content
    entries = AuditEntry.objects.filter(request_id=answer["X-Request-ID"])
    name = operation.details["operationId"]
    if name in SILENT:
        assert not entries, f"{name} is in the log after all: take it out of SILENT"
        return
    assert entries, (
        f"{name} left no entry: are the tables it writes recorded (audited.py)? Does it answer without writing? "
        "Then enter it in SILENT, with the reason"
    )
    # a person who opens a shop or closes an account is named by their number like everybody
    newest = User.objects.latest("pk").pk
    assert {each.actor_id for each in entries} == {newest if name in ACTS_AS_NEW else world.people[who].pk}
    assert {each.ip for each in entries} == {"127.0.0.1"}
    if name not in NAMED_OTHERWISE:
        assert ids_of(operation, world, answer) & {each.object_id for each in entries}


def ids_of(operation: Operation, world: World, answer: Any) -> set[str]:
    """What the path and the answer call by number; everything where neither names a row."""
    named = {str(world.ids[operation.name_of(each)]) for each in operation.parameters}
    body = answer.json() if answer.content else {}
    named |= {str(body[name]) for name in ("id", "job", "variant") if isinstance(body, dict) and name in body}
    return named or {each.object_id for each in AuditEntry.objects.all()}
