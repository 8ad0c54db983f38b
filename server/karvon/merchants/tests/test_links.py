"""A shop's pages elsewhere: whatever is typed, one safe spelling is kept."""

import pytest

from karvon.accounts.tests.factories import make_client
from karvon.kernel.errors import ValidationFailed
from karvon.merchants.links import (
    normalise_facebook,
    normalise_instagram,
    normalise_whatsapp,
    whatsapp_chat_url,
)
from karvon.merchants.tests.factories import make_merchant

HOSTILE = [
    "javascript:alert(1)",
    "data:text/html,<script>",
    "https://wa.me@evil.example/998901234567",
    "https://evil.example/wa.me/998901234567",
    "https://www.instagram.com.evil.example/plov",
    "//evil.example/plov",
    "https://www.instagram.com:8443/plov",
    "https://u:p@www.facebook.com/plov",
    '"><img src=x onerror=alert(1)>',
    "plov\x00",
    "plov/../../l.php?u=https://evil.example",
    "https://www.facebook.com/l.php?u=https://evil.example",
    "https://www.facebook.com/sharer.php",
    "http://[::1",
    " ",
    "..",
]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+998 90 123-45-67", "https://wa.me/998901234567"),
        ("90 123 45 67", "https://wa.me/998901234567"),
        ("https://wa.me/998901234567?text=hi", "https://wa.me/998901234567"),
        ("wa.me/+998901234567/", "https://wa.me/998901234567"),
        ("https://api.whatsapp.com/send?phone=998901234567&text=x", "https://wa.me/998901234567"),
        ("http://wa.me/998901234567", "https://wa.me/998901234567"),
    ],
)
def test_whatsapp_is_a_number_at_one_address(typed, kept):
    assert normalise_whatsapp(typed) == kept
    assert normalise_whatsapp(kept) == kept


@pytest.mark.parametrize(
    "typed", ["@Samarkand.Plov", "samarkand.plov", "https://instagram.com/Samarkand.plov/?hl=ru"]
)
def test_instagram_is_a_name_at_one_address(typed):
    assert normalise_instagram(typed) == "https://www.instagram.com/samarkand.plov/"
    assert normalise_instagram(normalise_instagram(typed)) == "https://www.instagram.com/samarkand.plov/"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("samarkand.plov", "https://www.facebook.com/samarkand.plov"),
        ("https://m.facebook.com/samarkand.plov?ref=x", "https://www.facebook.com/samarkand.plov"),
        ("fb.com/samarkand.plov", "https://www.facebook.com/samarkand.plov"),
        ("https://www.facebook.com/profile.php?id=100001", "https://www.facebook.com/profile.php?id=100001"),
    ],
)
def test_facebook_is_a_page_at_one_address(typed, kept):
    assert normalise_facebook(typed) == kept
    assert normalise_facebook(kept) == kept


@pytest.mark.parametrize("normalise", [normalise_whatsapp, normalise_instagram, normalise_facebook])
@pytest.mark.parametrize("typed", HOSTILE)
def test_nothing_else_gets_through(normalise, typed):
    with pytest.raises(ValidationFailed):
        normalise(typed)


def test_a_chat_opens_with_its_text():
    assert whatsapp_chat_url("https://wa.me/998901234567", "Заказ №7 & plov") == (
        "https://wa.me/998901234567?text=%D0%97%D0%B0%D0%BA%D0%B0%D0%B7%20%E2%84%967%20%26%20plov"
    )
    assert whatsapp_chat_url("+998901234567", "a") == "https://wa.me/998901234567?text=a"
    assert whatsapp_chat_url("", "a") == ""
    assert whatsapp_chat_url("https://evil.example/1", "a") == ""


@pytest.mark.django_db
def test_an_owner_keeps_links_and_preference_but_not_the_state_of_the_papers():
    merchant = make_merchant()
    url = f"/api/v1/merchants/{merchant.username}/"
    body = {
        "whatsapp_link": "+998901234567",
        "instagram_link": "@plov",
        "facebook_link": "fb.com/plov.house",
        "payment_preference": "cash",
        "kyc_status": "approved",
    }

    answer = make_client(merchant.owner).patch(url, body, format="json")

    assert answer.status_code == 200, answer.json()
    shown = answer.json()
    assert [shown[name] for name in body if name != "kyc_status"] == [
        "https://wa.me/998901234567",
        "https://www.instagram.com/plov/",
        "https://www.facebook.com/plov.house",
        "cash",
    ]
    assert shown["is_verified"] is False
    merchant.refresh_from_db()
    assert merchant.kyc_status == "not_submitted"
    emptied = make_client(merchant.owner).patch(url, {"instagram_link": ""}, format="json").json()
    assert (emptied["instagram_link"], emptied["whatsapp_link"]) == ("", "https://wa.me/998901234567")


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["whatsapp_link", "instagram_link", "facebook_link"])
def test_a_bad_link_is_refused_by_name(field):
    merchant = make_merchant()

    answer = make_client(merchant.owner).patch(
        f"/api/v1/merchants/{merchant.pk}/", {field: "javascript:alert(1)"}, format="json"
    )

    assert (answer.status_code, list(answer.json()["details"])) == (400, [field])
