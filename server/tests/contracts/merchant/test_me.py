"""`/api/merchant/me` of the merchant platform contract."""

from __future__ import annotations

import pytest

from karvon.accounts.models import Role
from karvon.accounts.services import issue_tokens
from karvon.accounts.tests.factories import make_client, make_user
from karvon.media.models import Asset
from karvon.merchants.models import KycDocument
from karvon.merchants.tests.factories import make_merchant, make_staff
from karvon.merchants.tests.papers import pdf_file, png_file
from tests.contracts.merchant.shapes import MERCHANT, assert_error, assert_shape

pytestmark = pytest.mark.django_db

ME = "/api/merchant/me"
BODY = {
    "name": "Aziza Silk",
    "username": "aziza-silk",
    "logo": None,
    "payment_preference": "cash",
    "whatsapp_link": "+998901234567",
    "instagram_link": "@azizasilk",
    "facebook_link": "https://facebook.com/aziza.silk",
}
both_spellings = pytest.mark.parametrize("slash", ["", "/"])


@pytest.fixture
def shop():
    return make_merchant(name="Before", username="before")


def put(user, body, slash="", **headers):
    return make_client(user).put(f"{ME}{slash}", body, format="json", **headers)


@both_spellings
def test_the_shop_of_who_asks(shop, slash):
    for keyword in ("Bearer", "JWT"):
        token = issue_tokens(user=shop.owner).access
        answer = make_client().get(f"{ME}{slash}", HTTP_AUTHORIZATION=f"{keyword} {token}")

        assert answer.status_code == 200, answer.json()
        assert_shape(answer.json(), MERCHANT)
        assert (answer.json()["user"], answer.json()["username"]) == (shop.owner_id, "before")
    assert make_client(make_staff(shop, role="cook").user).get(ME).json()["username"] == "before"


@both_spellings
def test_the_documented_body_changes_the_shop(shop, slash):
    answer = put(shop.owner, BODY | {"kyc_status": "approved", "user": 1, "is_active": False}, slash)

    assert answer.status_code == 200, answer.json()
    body = answer.json()
    assert_shape(body, MERCHANT)
    assert (
        body
        | BODY
        | {
            "whatsapp_link": "https://wa.me/998901234567",
            "instagram_link": "https://www.instagram.com/azizasilk/",
            "facebook_link": "https://www.facebook.com/aziza.silk",
        }
        == body
    )
    assert (body["kyc_status"], body["user"], body["is_active"]) == ("not_submitted", shop.owner_id, True)
    assert make_client(shop.owner).get(ME).json() == body


def test_a_logo_by_id_and_by_address_but_never_anothers(shop):
    def picture(owner, digit):
        digest = digit * 64
        return Asset.objects.create(
            owner_ref=f"merchant:{owner.pk}", sha256=digest, file=f"images/{digit * 2}/{digit * 2}/{digest}.png",
            content_type="image/png", width=1, height=1, size_bytes=1,
        )  # fmt: skip

    own, rivals = picture(shop, "a"), picture(make_merchant(), "b")

    shown = put(shop.owner, {"logo": str(own.pk)}).json()["logo"]
    assert shown.endswith(own.file)
    assert put(shop.owner, {"logo": None}).json()["logo"] is None
    assert put(shop.owner, {"logo": shown}).json()["logo"] == shown
    for foreign in (rivals.pk, f"/media/{rivals.file}", "https://evil.example/x.png", "9" * 40, "x"):
        assert_error(put(shop.owner, {"logo": foreign}), 400, field="logo")
    shop.refresh_from_db()
    assert shop.logo == own


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", None),
        ("username", "a b"),
        ("payment_preference", "barter"),
        ("whatsapp_link", "javascript:alert(1)"),
        ("instagram_link", "https://evil.example/x"),
        ("facebook_link", ["x"]),
    ],
)
def test_bad_fields_are_named_and_nothing_changes(shop, field, value):
    assert_error(put(shop.owner, BODY | {field: value}), 400, "validation_failed", field)

    shop.refresh_from_db()
    assert (shop.name, shop.username, shop.whatsapp_link) == ("Before", "before", "")


def test_who_may_not(shop):
    rival = make_merchant()
    for method in ("get", "put"):
        assert_error(getattr(make_client(), method)(ME), 401)
        assert_error(getattr(make_client(make_user()), method)(ME), 403)
    for role in ("manager", "cook"):
        assert_error(put(make_staff(shop, role=role).user, BODY), 403, "role_not_sufficient")
    assert_error(put(rival.owner, BODY, HTTP_X_MERCHANT=str(shop.pk)), 404)
    assert_error(make_client(rival.owner).get(f"{ME}?merchant={shop.username}"), 404)
    for method in ("post", "patch", "delete"):
        assert_error(getattr(make_client(shop.owner), method)(ME), 405)
    shop.state = "suspended"
    shop.save()
    assert_error(put(shop.owner, BODY), 403, "merchant_not_active")
    assert make_client(shop.owner).get(ME).json()["is_active"] is False
    shop.refresh_from_db()
    assert shop.name == "Before"


@both_spellings
def test_papers_are_handed_in(shop, slash):
    body = {"passport": png_file(), "documents": [pdf_file("tax.pdf")], "kinds": ["tax_certificate"]}

    answer = make_client(shop.owner).post(f"{ME}/kyc{slash}", body, format="multipart")

    assert answer.status_code == 200, answer.json()
    assert_shape(answer.json(), MERCHANT | {"documents": list})
    assert answer.json()["kyc_status"] == "pending"
    assert [(each["kind"], each["name"], each["state"]) for each in answer.json()["documents"]] == [
        ("passport", "passport.png", "pending"),
        ("tax_certificate", "tax.pdf", "pending"),
    ]
    assert "file" not in answer.json()["documents"][0]


def test_papers_that_are_none_and_people_who_may_not(shop):
    def post(user, body=None, **headers):
        body = body or {"passport": pdf_file()}
        return make_client(user).post(f"{ME}/kyc", body, format="multipart", **headers)

    assert_error(post(shop.owner, {"passport": pdf_file(data=b"<html>")}), 415)
    assert_error(post(shop.owner, {"note": "no files"}), 400, field="documents")
    assert_error(make_client(shop.owner).post(f"{ME}/kyc", {}, format="json"), 415)
    assert_error(post(None), 401)
    assert_error(post(make_user()), 403)
    assert_error(post(make_staff(shop).user), 403)
    assert_error(post(make_merchant().owner, HTTP_X_MERCHANT=str(shop.pk)), 404)
    assert_error(make_client(shop.owner).get(f"{ME}/kyc"), 405)
    assert KycDocument.objects.count() == 0
    shop.kyc_status = "approved"
    shop.save()
    assert_error(post(shop.owner), 409, "invalid_transition")


def test_an_operator_names_the_shop(shop):
    operator = make_user(role=Role.STAFF)

    assert make_client(operator).get(ME, HTTP_X_MERCHANT=str(shop.pk)).json()["username"] == "before"
