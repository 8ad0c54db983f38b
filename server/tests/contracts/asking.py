"""One whole request for every operation: living rows in the path, the documented example aimed at living rows."""

from __future__ import annotations

import io
import json
import time
from datetime import UTC, datetime
from typing import Any

import httpx
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from rest_framework.test import APIClient

from karvon.accounts.services import make_reset_link
from karvon.accounts.tests.factories import PASSWORD
from karvon.media.services import begin_upload, receive_upload
from karvon.merchants.tests.papers import pdf_file
from karvon.payments.services import begin_payment
from karvon.simulators.credentials import DEMO
from karvon.simulators.razorpay import payment_signature, webhook_signature
from karvon.simulators.stripe import signature
from tests.contracts.operations import Operation
from tests.contracts.world import CUSTOMER, World


def draw() -> io.BytesIO:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), (10, 200, 30)).save(buffer, "PNG")
    buffer.seek(0)
    return buffer


def picture() -> SimpleUploadedFile:
    return SimpleUploadedFile("new.png", draw().read(), "image/png")


def catalogue() -> SimpleUploadedFile:
    return SimpleUploadedFile("new.csv", b"Handle,Title\nnew,New\n", "text/csv")


def ask(world: World, operation: Operation, who: str) -> Any:
    """The answer to somebody who sends the documented example."""
    return send(world, operation, who, url=url_of(world, operation), body=body_of(world, operation))


def send(world: World, operation: Operation, who: str, *, url: str, body: dict[str, Any] | None) -> Any:
    """The answer to somebody who sends this body to this address, as multipart when there is a file in it."""
    client = APIClient(raise_request_exception=False)
    client.credentials(**{f"HTTP_{name.upper()}": value for name, value in world.headers(who).items()})
    has_file = any(hasattr(value, "chunks") for value in (body or {}).values())
    if operation.details["operationId"] == "sku_stripe_webhook" and body:
        raw, at = json.dumps(body).encode(), int(time.time())
        header = f"t={at},v1={signature(DEMO.stripe_webhook_secret, raw, at)}"
        return client.generic("POST", url, raw, "application/json", HTTP_STRIPE_SIGNATURE=header)
    if operation.details["operationId"] == "store_payments_webhook" and body:
        raw = json.dumps(body).encode()
        header = webhook_signature(DEMO.razorpay_webhook_secret, raw)
        return client.generic("POST", url, raw, "application/json", HTTP_X_RAZORPAY_SIGNATURE=header)
    method = getattr(client, operation.method.lower())
    return method(url, body, format="multipart" if has_file else "json")


def url_of(world: World, operation: Operation) -> str:
    if operation.details["operationId"] == "images_signed_upload":
        return operation.url({"upload": ticket_of(world)})
    if "cart_id" in operation.parameters:
        world.make_guest_cart()
    return operation.url(world.ids) + QUERIES.get(operation.details["operationId"], "")


# what an address asks for that has to be there
QUERIES = {"food_branches_nearest": "?lat=41.31&lng=69.28"}


def ticket_of(world: World) -> str:
    customer = world.people[CUSTOMER]
    return begin_upload(actor=customer, owner_ref=f"user:{customer.pk}").upload


def key_of_reset(world: World) -> dict[str, str]:
    """What stands in the link of the customer's mail."""
    uid, token = make_reset_link(world.people[CUSTOMER]).rpartition("#")[2].split("/")
    return {"uid": uid, "token": token}


def paid_in_checkout(world: World) -> dict[str, str]:
    """The customer pays in Razorpay's Checkout, which hands its ids over, signed."""
    payment = begin_payment(order_id=world.order.pk, provider="razorpay", payer=world.people[CUSTOMER])
    base = payment.next_step["data"]["hosted_url"].partition("/razorpay/")[0]
    httpx.post(f"{base}/_/razorpay/{payment.reference}/callback-lost").raise_for_status()
    keys = (DEMO.razorpay_key_id, DEMO.razorpay_key_secret)
    paid = httpx.get(f"{base}/razorpay/v1/orders/{payment.reference}/payments", auth=keys).json()["items"][0][
        "id"
    ]
    return {
        "razorpay_order_id": payment.reference,
        "razorpay_payment_id": paid,
        "razorpay_signature": payment_signature(keys[1], payment.reference, paid),
    }


def body_of(world: World, operation: Operation) -> dict[str, Any] | None:
    """The documented example, in which ids are those of living rows and secrets are right."""
    example = operation.example_body()
    if example is None:
        return None
    return {**example, **_living(world, operation.details["operationId"], example)}


def _living(world: World, name: str, example: dict[str, Any]) -> dict[str, Any]:
    ids = world.ids
    special: dict[str, Any] = {
        "auth_jwt_create": {"email": "customer@example.com", "password": PASSWORD},
        "auth_jwt_refresh": {"refresh": world.tokens[CUSTOMER].refresh},
        "auth_jwt_verify": {"token": world.tokens[CUSTOMER].access},
        "auth_jwt_logout": {"refresh": world.tokens[CUSTOMER].refresh},
        "merchant_login": {"email": "customer@example.com", "password": PASSWORD},
        "merchant_password_reset_confirm": key_of_reset(world),
        "merchant_token_refresh": {"refresh": world.tokens[CUSTOMER].refresh},
        "sku_token_create": {"username": "customer", "password": PASSWORD},
        "sku_token_refresh": {"refresh": world.tokens[CUSTOMER].refresh},
        "store_jwt_create": {"username": "customer", "password": PASSWORD},
        "store_jwt_refresh": {"refresh": world.tokens[CUSTOMER].refresh},
        "store_jwt_verify": {"token": world.tokens[CUSTOMER].access},
        "store_images_create": {"image": picture()},
        "store_items_create": {"product_id": ids["product"]},
        "sku_checkout_session_create": {"order_id": ids["order_id"]},
        "store_payments_create_intent": {"order_id": ids["order_id"]},
        "payments_create": {"order_id": ids["order_id"]},
        "auth_users_me_destroy": {"current_password": PASSWORD},
        "auth_users_me_password": {"current_password": PASSWORD},
        "auth_users_reset_password_confirm": key_of_reset(world),
        "images_create": {"image": picture(), "merchant": ids["merchant"]},
        "images_signed_upload": {"file": picture()},
        "import_jobs_create": {"file": catalogue(), "merchant": ids["merchant"]},
        "merchant_orders_status": {"status": "packed"},
        "merchant_products_create": {"images": [ids["image_id"]]},
        "merchant_products_update": {"images": [ids["image_id"]]},
        "merchant_upload_image": {"image": picture()},
        "store_page_order": {
            "items": [{"product_id": ids["product"], "variant_id": ids["variant"], "quantity": 1}]
        },
        "product_images_reorder": {"order": [ids["product_image"]]},
        "merchants_staff_create": {"user": world.people["stranger"].username},
        "merchant_me_kyc": {"passport": picture()},
        "merchants_kyc_create": {"passport": picture(), "tax_certificate": pdf_file()},
        "merchants_invitations_create": {"email": "new@example.com"},
        "invitations_show": {"token": ids["invitation_token"]},
        "invitations_accept": {"token": ids["invitation_token"]},
        "invitations_register": {"token": ids["invitation_token"], "password": PASSWORD},
        "cart_add": {"variant_id": ids["variant"], "modifiers": []},
        "cart_coupon_apply": {"code": "TEN"},
        "create_product": {"merchant": ids["merchant"], "category": ids["category"]},
        "orders_create": {"expected_total": None},
        "replace_category": {"parent": None},
        "change_category": {"parent": None},
        "fulfilments_transition": {"to": "packed"},
        "payout_batches_create": {"until": datetime.now(UTC).isoformat()},
        "orders_update": {"status": "packed"},
        "orders_partial_update": {"status": "packed"},
        "fulfilments_cancel_lines": {"lines": {str(world.order.lines.get().pk): 1}},
    }
    if name == "store_payments_verify":
        return paid_in_checkout(world)
    if name == "store_orders_create":
        return {"cart_id": world.make_guest_cart()}
    if name in {"store_products_create", "store_products_update", "store_products_partial_update"}:
        return {"collection": ids["category"]}
    if name == "images_complete":
        upload = ticket_of(world)
        receive_upload(upload=upload, data=draw())
        return {"upload": upload}
    return special.get(name) or {
        field: [ids[row]] if isinstance(example[field], list) else ids[row]
        for field, row in ROWS.items()
        if isinstance(example.get(field), int | list)
    }


# fields of examples that name a row
ROWS = {
    "asset": "image_id",
    "branch": "branch_id",
    "categories": "category",
    "category": "category",
    "from_branch": "default_branch",
    "image": "image_id",
    "logo": "image_id",
    "merchant": "merchant",
    "merchants": "merchant",
    "parent": "category",
    "product": "product",
    "product_id": "product",
    "products": "product",
    "target_id": "merchant",
    "to_branch": "branch_id",
    "variant": "variant",
    "variant_id": "variant",
}
