"""Who may call what: every operation, asked by everybody with a request that would succeed for the right person.

The table is the whole truth about rights; a new operation has to be entered here. It also shows that every documented
example works: the rows it names exist, and for somebody the answer is a 2xx.
"""

from __future__ import annotations

import pytest
from django.db import connection
from rest_framework.views import APIView

from tests.contracts.asking import ask
from tests.contracts.door_rights import MARKET, STOREFRONT
from tests.contracts.identifiers import list_fields
from tests.contracts.operations import DOCUMENT_NAMES, Operation, list_all_operations
from tests.contracts.test_document import list_views
from tests.contracts.world import ADMIN, CLERK, CUSTOMER, GUEST, OWNER, RIVAL, STRANGER, World

pytestmark = pytest.mark.django_db

# Objects in paths and bodies are the customer's or the owner's. The stranger is another customer, the rival another
# merchant's owner, the clerk a cook of the owner's shop.
WHO = (GUEST, STRANGER, RIVAL, CLERK, CUSTOMER, OWNER, ADMIN)
ANSWERS = """
200 200 200 200 200 200 200
    auth_jwt_create auth_jwt_refresh auth_jwt_verify branches_list
    branches_retrieve cart_add cart_clear cart_coupon_apply
    cart_coupon_remove cart_partial_update cart_retrieve get_attribute
    get_category get_collection get_likes get_object_tags get_product get_tag
    health index
    list_attributes list_categories list_collections list_products
    list_tagged list_tags
    merchants_branches_list merchants_branches_retrieve merchants_list
    invitations_show merchants_retrieve reviews_list reviews_retrieve suggest
201 201 201 201 201 201 201
    auth_users_create cart_create invitations_register
204 204 204 204 204 204 204
    auth_jwt_logout auth_users_reset_password_confirm images_signed_upload
202 202 202 202 202 202 202
    auth_users_reset_password
401 200 200 200 200 200 200
    payments_list
    addresses_list auth_sessions_list auth_users_me_merchants
    auth_users_me_partial_update auth_users_me_password
    auth_users_me_retrieve auth_users_me_update cart_merge documents_list images_list
    like list_favourites list_likes notifications_list
    notifications_preferences notifications_preferences_update
    notifications_read_all notifications_unread_count orders_list
401 201 201 201 201 201 201
    add_favourite addresses_create merchants_create
401 201 201 201 403 201 201
    reviews_report
401 201 201 403 409 403 201
    reviews_create
401 200 200 409 200 409 200
    invitations_accept
401 404 404 403 404 403 204
    merchants_destroy
401 204 204 204 204 204 204
    remove_favourite unlike
401 204 409 204 204 409 204
    auth_users_me_destroy
401 403 200 200 403 200 200
    export_jobs_list fulfilments_list import_jobs_list list_modifier_groups
    balances_list payouts_list
    list_own_products promotions_list stock_list stock_movements_list
401 403 200 403 403 200 200
    audit_logs_list
401 403 201 403 403 201 400
    create_modifier_group
401 403 403 403 200 403 403
    reviews_partial_update reviews_update
401 403 403 403 204 403 204
    reviews_destroy
401 403 403 403 403 200 200
    reviews_reply
401 403 403 403 403 204 204
    reviews_reply_destroy
401 403 403 403 403 403 200
    change_attribute change_category change_tag customers_list
    customers_membership_update customers_retrieve merchants_activate
    analytics_statistics
    commission_rules_list commission_rules_partial_update
    commission_rules_retrieve payout_batches_approve payout_batches_export
    payout_batches_list payout_batches_retrieve payouts_approve payouts_cancel
    kyc_queue merchants_kyc_decide merchants_kyc_document
    merchants_suspend orders_mark_paid orders_refund payouts_mark_failed
    payouts_mark_paid replace_category reviews_hide
    reviews_unhide
401 403 403 403 403 403 201
    payments_refund
    commission_rules_create create_attribute create_category create_tag
    payout_batches_create
401 403 403 403 403 403 204
    commission_rules_destroy delete_attribute delete_tag
401 403 403 403 403 403 409
    delete_category
401 403 404 200 403 200 200
    export_jobs_file export_jobs_retrieve fulfilments_retrieve
    fulfilments_transition get_modifier_group get_own_product
    import_jobs_refused_rows import_jobs_refused_rows_file
    import_jobs_retrieve promotions_retrieve stock_retrieve
401 403 404 403 403 200 200
    analytics_merchant analytics_merchant_customers
    merchants_bank_details_retrieve merchants_bank_details_update
    merchants_statement merchants_statement_export
    change_collection change_product fulfilments_cancel_lines
    product_images_list product_images_partial_update product_images_reorder
    promotions_partial_update promotions_update replace_modifier_group
    replace_product set_object_tags stock_adjust stock_partial_update stock_receive
    stock_transfer
401 403 404 403 403 201 201
    create_collection create_product product_images_create promotions_create
401 403 404 403 403 202 202
    export_jobs_create import_jobs_create notifications_create
401 403 404 403 403 204 204
    delete_collection delete_modifier_group delete_product
    product_images_destroy promotions_destroy
401 403 404 404 403 200 200
    payouts_retrieve
401 404 404 200 200 200 200
    documents_pdf orders_documents orders_invoice
    orders_reorder orders_retrieve orders_timeline
401 404 404 200 403 200 200
    orders_partial_update orders_update
401 404 404 200 404 200 200
    images_retrieve
401 404 404 403 200 200 200
    orders_cancel
401 404 404 403 404 200 200
    images_partial_update merchants_branches_partial_update merchants_close
    merchants_invitations_list merchants_invitations_resend
    merchants_kyc_create merchants_kyc_retrieve merchants_partial_update
    merchants_staff_list merchants_timeline
    merchants_staff_partial_update
401 404 404 403 404 201 201
    images_create images_upload_url merchants_branches_create
    merchants_invitations_create
    merchants_staff_create
401 404 404 403 404 204 204
    images_destroy merchants_branches_destroy merchants_invitations_destroy
    merchants_staff_destroy
401 404 404 404 200 404 404
    addresses_partial_update addresses_retrieve addresses_update
    notifications_read
401 404 404 404 201 404 201
    payments_create
401 404 404 404 201 404 404
    images_complete
401 404 404 404 204 404 404
    addresses_destroy auth_sessions_destroy
404 404 404 404 200 404 404
    cart_remove cart_update
401 404 404 404 200 404 200
    payments_retrieve
404 404 404 404 404 404 404
    payments_account_callback payments_account_callback_call payments_callback payments_callback_call
404 404 404 404 201 404 404
    orders_create
"""
# answers that no right person can get in a shop as it stands: a category with products, and what needs a provider that is not
# connected
ALWAYS_REFUSED = {
    "delete_category", "food_code_request", "food_code_verify", "food_telegram_login", "payments_account_callback",
    "payments_account_callback_call", "payments_callback", "payments_callback_call", "store_collections_destroy",
}  # fmt: skip
# notice a foreign row after the first write of their transaction, which takes that write back; or it is the asking that writes:
# there has to be a payment to bring a signature of
REFUSED_WITHIN = {
    "change_collection", "create_collection", "food_orders_create", "orders_create", "store_payments_verify",
}  # fmt: skip


def read_table(*tables: str) -> dict[str, tuple[int, ...]]:
    """Statuses by operation id. Raises ValueError for an operation that stands in two rows."""
    found: dict[str, tuple[int, ...]] = {}
    statuses: tuple[int, ...] = ()
    for line in "".join(tables).strip().splitlines():
        if not line.startswith(" "):
            statuses = tuple(map(int, line.split()))
            continue
        for name in line.split():
            if name in found:
                raise ValueError(f"{name} is there twice")
            found[name] = statuses
    return found


TABLE = read_table(ANSWERS, MARKET, STOREFRONT)


def count_writes() -> int:
    """Rows that the current transaction has written so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables")
        return int(cursor.fetchone()[0])


def test_every_operation_is_in_the_table() -> None:
    names = [each.details["operationId"] for each in list_all_operations()]

    assert set(names) ^ set(TABLE) == set()
    assert len(names) == len(TABLE)  # no name in two documents


def test_for_every_operation_there_is_somebody_who_may() -> None:
    nobody = {name for name, statuses in TABLE.items() if min(statuses) >= 300}

    assert nobody == ALWAYS_REFUSED


@pytest.mark.parametrize("operation", list_all_operations(), ids=str)
def test_everybody_gets_what_is_theirs(operation: Operation, world: World) -> None:
    expected = dict(zip(WHO, TABLE[operation.details["operationId"]], strict=True))

    answers, has_written = {}, {}
    for who in WHO:
        with world.as_new():
            before = count_writes()
            answers[who] = ask(world, operation, who).status_code
            has_written[who] = count_writes() > before

    assert answers == expected
    refused = {who for who, status in answers.items() if status in (401, 403, 404)}
    if operation.details["operationId"] not in REFUSED_WITHIN:
        assert {who for who in refused if has_written[who]} == set()


@pytest.mark.parametrize("operation", list_all_operations(), ids=str)
def test_the_document_tells_who_may(operation: Operation) -> None:
    """`security` and the announced 401 and 403 are what the table says."""
    guest, *others = TABLE[operation.details["operationId"]]
    security, answers = operation.details["security"], operation.details["responses"]

    assert (security == [] or {} in security) == (guest != 401 or is_open_by_token(operation))
    assert ("401" in answers) or security == []
    assert ("403" in answers) or 403 not in others


def is_open_by_token(operation: Operation) -> bool:
    """Orders are open to whoever holds their token, and to no other guest. A place at a shop is taken by somebody who is
    logged in: the token of an invitation alone does not open it.
    """
    if operation.details["operationId"] == "invitations_accept":
        return False
    in_body = "token" in dict(list_fields(operation))
    return in_body or any(each["name"] == "token" for each in operation.details.get("parameters", []))


@pytest.mark.parametrize(("path", "view"), [each for name in DOCUMENT_NAMES for each in list_views(name)])
def test_no_view_relies_on_default_permissions(path: str, view: type[APIView]) -> None:
    own = [each for each in view.__mro__ if each.__module__.startswith("karvon.")]

    assert any({"permission_classes", "get_permissions"} & vars(each).keys() for each in own), path
