"""What the audit log watches of payments."""

from karvon.audit.registry import exempt, record
from karvon.payments.models import (
    Difference,
    Payment,
    PaymentAttempt,
    ProviderAccount,
    ProviderEvent,
    ReconciliationRun,
    Refund,
)

record(ProviderAccount, merchant="merchant", masks=("secrets", "key"))
record(Refund)
record(Difference)

exempt(Payment, "its timeline is its events and attempts")
exempt(PaymentAttempt, "written when the provider calls, whose message is kept")
exempt(ProviderEvent, "append-only itself")
exempt(ReconciliationRun, "made by comparing")
