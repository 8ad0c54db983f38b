"""Places offered by mail, over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from karvon.accounts.models import Role, User
from karvon.accounts.tests.factories import make_client, make_user
from karvon.kernel import clock
from karvon.merchants.models import InvitationState, MerchantStaff, StaffInvitation
from karvon.merchants.services import make_invitation_link, remove_staff
from karvon.merchants.tests.factories import make_merchant, make_staff

pytestmark = pytest.mark.django_db
SHOW, ACCEPT, REGISTER = (f"/api/v1/invitations/{verb}/" for verb in ("show", "accept", "register"))
PASSWORD = "a long passphrase of one's own"


@pytest.fixture
def merchant():
    return make_merchant(default_language="ru")


def url_of(merchant, tail=""):
    return f"/api/v1/merchants/{merchant.pk}/invitations/{tail}"


def invite(merchant, email="cook@example.com", role="cook", user=None, **more):
    body = {"email": email, "role": role, **more}
    return make_client(user or merchant.owner).post(url_of(merchant), body, format="json")


def secret_of(invitation_id):
    return make_invitation_link(invitation_id).partition("#")[2]


def make_offer(merchant, **how):
    answer = invite(merchant, **how)
    assert answer.status_code == 201, answer.json()
    return answer.json()["id"], secret_of(answer.json()["id"])


def post(url, secret, user=None, **more):
    return make_client(user).post(url, {"token": secret, **more}, format="json")


def test_somebody_with_an_account_accepts_once(merchant):
    person = make_user(email="cook@example.com")
    _id, secret = make_offer(merchant)

    shown = post(SHOW, secret).json()
    assert (shown["merchant"]["id"], shown["role"], shown["has_account"]) == (merchant.pk, "cook", True)
    assert post(ACCEPT, secret).status_code == 401
    accepted = post(ACCEPT, secret, person)

    assert (accepted.status_code, accepted.json()["role"]) == (200, "cook")
    person.refresh_from_db()
    assert person.role == Role.MERCHANT_STAFF
    row = StaffInvitation.objects.get()
    assert (row.state, row.accepted_by, row.secret_hash) == (InvitationState.ACCEPTED, person, None)
    for url, user in ((ACCEPT, person), (ACCEPT, make_user()), (SHOW, None)):
        again = post(url, secret, user)
        assert (again.status_code, again.json()["code"]) == (404, "invitation_not_valid")
    assert MerchantStaff.objects.count() == 1


def test_somebody_without_an_account_registers(merchant):
    _id, secret = make_offer(merchant)
    assert post(SHOW, secret).json()["has_account"] is False

    weak = post(REGISTER, secret, password="short")
    done = post(REGISTER, secret, password=PASSWORD, first_name="Davron", email="other@example.com")

    assert (weak.status_code, User.objects.filter(email="other@example.com").exists()) == (400, False)
    assert done.status_code == 201, done.json()
    person = User.objects.get(email="cook@example.com")
    assert (person.is_email_verified, person.role, person.first_name) == (True, Role.MERCHANT_STAFF, "Davron")
    me = make_client()
    me.credentials(HTTP_AUTHORIZATION=f"Bearer {done.json()['access']}")
    assert me.get("/api/v1/auth/users/me/merchants/").json()["results"][0]["role"] == "cook"
    assert post(REGISTER, secret, password=PASSWORD).status_code == 404


def test_an_address_with_an_account_logs_in_instead(merchant):
    make_user(email="cook@example.com")
    _id, secret = make_offer(merchant)

    answer = post(REGISTER, secret, password=PASSWORD)

    assert (answer.status_code, list(answer.json()["details"])) == (400, ["email"])
    assert StaffInvitation.objects.get().state == InvitationState.PENDING


def test_links_end_with_time_withdrawal_and_the_next_mail(merchant, monkeypatch):
    pk, first = make_offer(merchant)
    owner, resend = make_client(merchant.owner), url_of(merchant, f"{pk}/resend/")

    assert owner.post(resend).status_code == 429
    StaffInvitation.objects.update(asked_at=clock.now() - timedelta(minutes=2), expires_at=clock.now())
    assert post(SHOW, first).status_code == 404, "too old"
    assert owner.get(url_of(merchant)).json()["results"][0]["is_expired"] is True
    assert owner.post(resend).status_code == 200
    second = secret_of(pk)
    assert (post(SHOW, first).status_code, post(SHOW, second).status_code) == (404, 200)
    assert owner.delete(url_of(merchant, f"{pk}/")).status_code == 204
    assert post(ACCEPT, second, make_user()).status_code == 404
    assert owner.post(resend).status_code == 404
    assert make_invitation_link(pk) is None
    assert [row["state"] for row in owner.get(url_of(merchant, "?state=revoked")).json()["results"]] == [
        "revoked"
    ]
    assert MerchantStaff.objects.count() == 0


def test_who_may_invite_whom(merchant):
    manager, cook = make_staff(merchant).user, make_staff(merchant, role="cook").user

    assert invite(merchant, "a@example.com", "cashier", manager).status_code == 201
    assert invite(merchant, "b@example.com", "manager", manager).status_code == 403
    pk, _secret = make_offer(merchant, email="c@example.com", role="manager")
    assert make_client(manager).delete(url_of(merchant, f"{pk}/")).status_code == 403
    assert invite(merchant, "d@example.com", user=cook).status_code == 403
    assert make_client(cook).get(url_of(merchant)).status_code == 403
    for stranger in (make_user(), make_merchant().owner):
        assert invite(merchant, "e@example.com", user=stranger).status_code == 404
        assert make_client(stranger).get(url_of(merchant)).status_code == 404
        assert make_client(stranger).delete(url_of(merchant, f"{pk}/")).status_code == 404
    rival = make_merchant()
    assert make_client(rival.owner).delete(url_of(rival, f"{pk}/")).status_code == 404
    assert StaffInvitation.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"email": "nobody"}, 400, "validation_failed"),
        ({"role": "owner"}, 400, "validation_failed"),
        ({"language": "xx"}, 400, "validation_failed"),
        ({"email": "waiting@example.com"}, 409, "already_invited"),
        ({"email": "works@example.com"}, 409, "already_staff"),
    ],
)
def test_offers_that_cannot_be_made(merchant, change, status, code):
    make_staff(merchant, user=make_user(email="works@example.com"))
    invite(merchant, "waiting@example.com")

    answer = invite(merchant, **{"email": "new@example.com", "role": "cook"} | change)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert StaffInvitation.objects.count() == 1


def test_a_suspended_shop_takes_nobody_on(merchant):
    _id, secret = make_offer(merchant)
    merchant.state = "suspended"
    merchant.save()

    answer = post(ACCEPT, secret, make_user())

    assert (answer.status_code, answer.json()["code"]) == (403, "merchant_not_active")
    assert invite(merchant, "x@example.com").status_code == 403
    assert MerchantStaff.objects.count() == 0


def test_who_leaves_takes_their_offers_along(merchant):
    staff = make_staff(merchant)
    _id, secret = make_offer(merchant, role="cashier", user=staff.user)
    token_holder = make_client(staff.user)

    remove_staff(actor=merchant.owner, merchant_id=merchant.pk, staff_id=staff.pk)

    assert post(SHOW, secret).status_code == 404
    assert token_holder.patch(
        f"/api/v1/merchants/{merchant.pk}/", {"name": "x"}, format="json"
    ).status_code in (401, 404)


@pytest.mark.parametrize("token", ["", "x" * 500, "\x00", "нет", None, 7])
def test_hostile_tokens(token):
    assert post(SHOW, token).status_code in (400, 404)
