from django.urls import path

from karvon.api.v1.ledger.views import batches, money, payouts, rules

urlpatterns = [
    path("balances/", money.BalanceListView.as_view()),
    path("merchants/<str:key>/statement/", money.StatementView.as_view()),
    path("merchants/<str:key>/statement/export/", money.StatementExportView.as_view()),
    path("merchants/<str:key>/bank-details/", money.BankDetailsView.as_view()),
    path("payouts/", payouts.PayoutListView.as_view()),
    path("payouts/<int:payout_id>/", payouts.PayoutView.as_view()),
    path("payouts/<int:payout_id>/approve/", payouts.PayoutApproveView.as_view()),
    path("payouts/<int:payout_id>/paid/", payouts.PayoutPaidView.as_view()),
    path("payouts/<int:payout_id>/failed/", payouts.PayoutFailedView.as_view()),
    path("payouts/<int:payout_id>/cancel/", payouts.PayoutCancelView.as_view()),
    path("payout-batches/", batches.BatchListView.as_view()),
    path("payout-batches/<int:batch_id>/", batches.BatchView.as_view()),
    path("payout-batches/<int:batch_id>/approve/", batches.BatchApproveView.as_view()),
    path("payout-batches/<int:batch_id>/export/", batches.BatchExportView.as_view()),
    path("commission-rules/", rules.RuleListView.as_view()),
    path("commission-rules/<int:rule_id>/", rules.RuleView.as_view()),
]
