"""The papers of a merchant over HTTP."""

from __future__ import annotations

from datetime import timedelta
from itertools import product as pairs

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.kernel import clock
from karvon.kernel.errors import InvalidTransition, PermissionRefused
from karvon.media.storage import private_storage
from karvon.merchants.machines import KYC_MACHINE, MACHINES, MERCHANT, STAFF, STATE_MACHINE, SYSTEM
from karvon.merchants.models import KycDocument, KycStatus, MerchantState
from karvon.merchants.services import decide_kyc, purge_orphan_papers
from karvon.merchants.services.papers import shown_name
from karvon.merchants.tests.factories import make_merchant, make_staff
from karvon.merchants.tests.papers import PDF, pdf_file, png_file

pytestmark = pytest.mark.django_db


def url_of(merchant):
    return f"/api/v1/merchants/{merchant.pk}/kyc/"


def hand_in(merchant, user=None, **files):
    return make_client(user or merchant.owner).post(
        url_of(merchant), files or {"tax_certificate": pdf_file()}, format="multipart"
    )


def decide(merchant, decision, note="", user=None):
    client = make_client(user or make_user(role=Role.STAFF))
    return client.post(f"{url_of(merchant)}decision/", {"decision": decision, "note": note}, format="json")


def files_of(merchant):
    storage = private_storage()
    try:
        return storage.listdir(f"kyc/{merchant.pk}")[1]
    except FileNotFoundError:
        return []


def test_papers_from_the_first_file_to_the_approval():
    merchant = make_merchant()
    owner, operator = make_client(merchant.owner), make_client(make_user(role=Role.STAFF))

    assert owner.get(url_of(merchant)).json() == {
        "kyc_status": "not_submitted", "note": "", "submitted_at": None, "decided_at": None, "documents": [],
    }  # fmt: skip
    answer = hand_in(merchant, passport=png_file(), tax_certificate=pdf_file())
    assert (answer.status_code, answer.json()["kyc_status"]) == (200, "pending"), answer.json()
    assert [
        (each["kind"], each["name"], each["state"], each["url"]) for each in answer.json()["documents"]
    ] == [
        ("tax_certificate", "certificate.pdf", "pending", None),
        ("passport", "passport.png", "pending", None),
    ]
    queue = operator.get("/api/v1/kyc/").json()["results"]
    assert [entry["merchant"]["id"] for entry in queue] == [merchant.pk]

    assert decide(merchant, "rejected", " ").json()["details"].keys() == {"note"}
    rejected = decide(merchant, "rejected", "The passport cannot be read").json()
    assert (rejected["kyc_status"], rejected["note"]) == ("rejected", "The passport cannot be read")
    assert {each["state"] for each in rejected["documents"]} == {"rejected"}
    assert decide(merchant, "approved").status_code == 409

    assert hand_in(merchant, passport=png_file(colour="blue")).json()["kyc_status"] == "pending"
    approved = decide(merchant, "approved").json()
    assert (approved["kyc_status"], [each["state"] for each in approved["documents"]]) == (
        "approved",
        ["approved", "rejected", "rejected"],
    )
    assert make_client().get(f"/api/v1/merchants/{merchant.pk}/").json()["is_verified"] is True
    assert hand_in(merchant).status_code == 409
    timeline = owner.get(f"/api/v1/merchants/{merchant.pk}/timeline/").json()["results"]
    assert [(step["to_state"], step["actor_role"]) for step in timeline] == [
        ("approved", "staff"), ("pending", "merchant"), ("rejected", "staff"), ("pending", "merchant"),
    ]  # fmt: skip


@pytest.mark.parametrize(("machine", "actor"), list(pairs(MACHINES.values(), (MERCHANT, STAFF, SYSTEM))))
def test_every_pair_of_states_goes_as_the_table_says(machine, actor):
    for here, there in pairs(machine.states, machine.states):
        step = machine.transitions.get((here, there))
        if step is not None and actor in step.actors:
            machine.check(here, there, actor)
        else:
            with pytest.raises(InvalidTransition if step is None else PermissionRefused):
                machine.check(here, there, actor)
    assert set(KYC_MACHINE.states) == set(KycStatus)
    assert set(STATE_MACHINE.states) == set(MerchantState)


@pytest.mark.parametrize(
    ("file", "status"),
    [
        (SimpleUploadedFile("passport.png", b"<html><script>alert(1)</script>"), 415),
        (
            SimpleUploadedFile(
                "passport.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
            ),
            415,
        ),
        (SimpleUploadedFile("archive.pdf", b"PK\x03\x04 not a pdf"), 415),
        (pdf_file(data=b"GIF89a" + PDF), 400),
        (pdf_file(data=PDF + b"PK\x05\x06" + b"\x00" * 18), 400),
        (pdf_file(data=PDF[:-12]), 400),
        (pdf_file(data=b"%PDF-1.4<script>" + PDF[8:]), 400),
        (pdf_file(data=PDF.replace(b"/Count 0", b"/Count 0/OpenAction<</S/J#61vaScript>>")), 400),
        (pdf_file(data=PDF.replace(b"/Count 0", b"/Count 0/S/Launch")), 400),
        (SimpleUploadedFile("empty.pdf", b" "), 415),
        (SimpleUploadedFile("cut.png", b"\x89PNG\r\n\x1a\n"), 400),
    ],
)
def test_what_is_no_paper_is_refused_and_nothing_kept(file, status):
    merchant = make_merchant()

    answer = hand_in(merchant, passport=png_file(), other=file)

    assert answer.status_code == status, answer.json()
    merchant.refresh_from_db()
    assert (merchant.kyc_status, KycDocument.objects.count(), files_of(merchant)) == ("not_submitted", 0, [])


def test_nothing_but_pixels_is_kept_of_a_picture():
    merchant = make_merchant()

    hand_in(merchant, passport=png_file(tail=b"PK\x03\x04<script>alert(1)</script>"))

    document = KycDocument.objects.get()
    with private_storage().open(document.file) as file:
        assert b"script" not in file.read()


def test_sizes_are_limited(settings):
    settings.KARVON_KYC_MAX_BYTES = 200
    merchant = make_merchant()

    assert (
        hand_in(
            merchant, other=pdf_file(data=PDF.replace(b"\n1 0", b"\n%" + b"x" * 200 + b"\n1 0"))
        ).status_code
        == 413
    )
    big = SimpleUploadedFile("big.pdf", b"x" * 80_000)
    assert hand_in(merchant, other=big).status_code == 413
    assert files_of(merchant) == []


@pytest.mark.parametrize("files", [{}, {"documents": "text"}, {"documents": "", "kinds": "spell"}])
def test_forms_without_papers_are_refused(files):
    merchant = make_merchant()

    answer = make_client(merchant.owner).post(url_of(merchant), files, format="multipart")

    assert (answer.status_code, list(answer.json()["details"])) == (400, ["documents"])
    assert make_client(merchant.owner).post(url_of(merchant), {"a": 1}, format="json").status_code == 415


def test_a_list_of_documents_with_their_kinds():
    merchant = make_merchant()
    body = {"documents": [png_file(), pdf_file()], "kinds": ["passport"]}

    answer = make_client(merchant.owner).post(url_of(merchant), body, format="multipart")

    assert [each["kind"] for each in answer.json()["documents"]] == ["other", "passport"]
    wrong = {"documents": [pdf_file()], "kinds": ["spell"]}
    assert make_client(merchant.owner).post(url_of(merchant), wrong, format="multipart").status_code == 400


def test_the_same_submission_twice_brings_each_file_once():
    merchant = make_merchant()

    hand_in(merchant)
    again = hand_in(merchant)

    assert (again.status_code, len(again.json()["documents"]), len(files_of(merchant))) == (200, 1, 1)
    assert merchant.steps.count() == 1


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\papers\\scan.pdf", "scan.pdf"),
        ("a\r\nContent-Type: text/html.pdf", "aContent-Type: text/html.pdf".rpartition("/")[2]),
        ("..", ""),
        ("\u202egpj.exe", "gpj.exe"),
        ("x" * 500, "x" * 120),
    ],
)
def test_a_file_name_is_a_name_only(typed, shown):
    assert shown_name(typed) == shown


def test_only_operators_get_at_the_files():
    merchant, other = make_merchant(), make_merchant()
    hand_in(merchant, other=pdf_file('../../../evil"; filename=x.html'))
    document = KycDocument.objects.get()
    url = f"{url_of(merchant)}documents/{document.pk}/"
    operator = make_client(make_user(role=Role.STAFF))

    answer = operator.get(
        operator.get(url_of(merchant)).json()["documents"][0]["url"], headers={"Accept": "text/html"}
    )

    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, PDF)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "private, no-store")
    for person in (merchant.owner, make_staff(merchant).user, other.owner, make_user()):
        assert make_client(person).get(url).status_code == 403
    assert make_client().get(url).status_code == 401
    assert operator.get(f"{url_of(other)}documents/{document.pk}/").status_code == 404
    assert operator.get(f"{url_of(merchant)}documents/{document.pk + 1}/").status_code == 404
    for path in (document.file, document.file.removeprefix("kyc/"), f"../private/{document.file}"):
        assert make_client().get(f"/media/{path}").status_code == 404
    assert document.file != document.name
    assert len(document.file.rpartition("/")[2]) == len("0" * 32 + ".pdf")


def test_who_may_see_and_hand_in():
    merchant = make_merchant()
    manager, cook = make_staff(merchant).user, make_staff(merchant, role="cook").user
    hand_in(merchant)

    assert make_client(manager).get(url_of(merchant)).status_code == 200
    assert make_client(cook).get(url_of(merchant)).status_code == 403
    assert hand_in(merchant, user=manager).status_code == 403
    for stranger in (make_user(), make_merchant().owner):
        assert make_client(stranger).get(url_of(merchant)).status_code == 404
        assert hand_in(merchant, user=stranger).status_code == 404
    for person in (merchant.owner, manager, make_user()):
        assert decide(merchant, "approved", user=person).status_code == 403
        assert make_client(person).get("/api/v1/kyc/").status_code == 403
    merchant.refresh_from_db()
    assert (merchant.kyc_status, merchant.kyc_documents.count()) == ("pending", 1)
    suspended = make_merchant(state="suspended")
    assert hand_in(suspended).json()["code"] == "merchant_not_active"


def test_nobody_approves_a_shop_of_their_own():
    operator = make_user(role=Role.STAFF)
    merchant = make_merchant(owner=operator, kyc_status="pending")

    with pytest.raises(PermissionRefused):
        decide_kyc(actor=operator, merchant_id=merchant.pk, decision="approved")


def test_files_that_no_row_names_are_swept_after_a_day():
    merchant = make_merchant()
    hand_in(merchant)
    private_storage().save(f"kyc/{merchant.pk}/{'0' * 32}.pdf", ContentFile(PDF))

    purge_orphan_papers()
    assert len(files_of(merchant)) == 2
    purge_orphan_papers(now=clock.now() + timedelta(days=2))
    assert files_of(merchant) == [KycDocument.objects.get().file.rpartition("/")[2]]
