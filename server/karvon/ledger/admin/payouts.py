"""Payouts: operators make batches and take the steps, merchants look at theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from karvon.accounts.admin_base import (
    MomentFilter,
    ReadOnlyInline,
    RoomAdmin,
    ScopedFilter,
    badge,
    explain,
    get_user,
)
from karvon.accounts.admin_pages import ReasonForm, Task, get_row, show_task, text_field
from karvon.kernel import clock
from karvon.kernel.formats import show_amount
from karvon.ledger.files import batch_file
from karvon.ledger.models import Payout, PayoutBatch, PayoutState
from karvon.ledger.selectors import get_batch
from karvon.ledger.services import (
    BatchInput,
    approve_batch,
    approve_payout,
    cancel_payout,
    make_batch,
    mark_payout_failed,
    mark_payout_paid,
)
from karvon.ledger.states import PAYOUTS
from karvon.merchants.admin_base import MerchantRoomAdmin
from karvon.merchants.policies import Action

STATE_COLOURS = {
    PayoutState.DRAFT: "warning",
    PayoutState.APPROVED: "info",
    PayoutState.PAID: "success",
    PayoutState.FAILED: "danger",
    PayoutState.CANCELLED: "danger",
}


class ReferenceForm(forms.Form):
    reference = text_field(gettext_lazy("Reference of the bank"), max_length=100, required=False)


class ShownPayout:
    """What lists of payouts show."""

    @badge(description=gettext_lazy("State"), colours=STATE_COLOURS, ordering="state")
    def shown_state(self, payout: Payout) -> tuple[str, str]:
        return payout.state, payout.get_state_display()

    @display(description=gettext_lazy("Amount"), ordering="amount")
    def shown_amount(self, payout: Payout) -> str:
        return show_amount(payout.amount, payout.currency)

    @display(description=gettext_lazy("To"), header=True)
    def shown_account(self, payout: Payout) -> list[str]:
        return [payout.bank, payout.masked_number]


class PayoutInline(ShownPayout, ReadOnlyInline):
    model = Payout
    fields = ["merchant", "shown_amount", "shown_state", "shown_number", "held_until", "reference"]
    readonly_fields = fields
    ordering = ["id"]
    per_page = 50
    show_change_link = True
    hide_title = False

    @display(description=gettext_lazy("To"))
    def shown_number(self, payout: Payout) -> str:
        return f"{payout.bank} {payout.masked_number}"


@admin.register(PayoutBatch)
class PayoutBatchAdmin(RoomAdmin[PayoutBatch]):
    offers = frozenset({"view", "add"})
    list_display = [
        "id",
        "made_at",
        "until",
        "shown_total",
        "payouts_count",
        "drafts_count",
        "approved_count",
        "made_by",
        "note",
    ]
    list_filter = ["currency", ("made_at", MomentFilter)]
    list_select_related = ["made_by"]
    search_fields = ["note"]
    empty_text = gettext_lazy(
        "A batch pays out what merchants have earned until a moment; a second person approves it."
    )
    ordering = ["-id"]
    fields = ["currency", "until", "minimum", "note"]
    readonly_fields = ["made_by", "made_at", "shown_total", "shown_minimum"]
    actions_detail = ["approve", "download"]

    def get_inlines(self, request: HttpRequest, obj: PayoutBatch | None = None) -> Any:
        return [PayoutInline] if obj is not None else []

    def get_fields(self, request: HttpRequest, obj: PayoutBatch | None = None) -> Any:
        if obj is None:
            return self.fields
        return ["shown_total", "until", "shown_minimum", "note", "made_by", "made_at"]

    def get_form(
        self, request: HttpRequest, obj: PayoutBatch | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form_class = super().get_form(request, obj, change=change, **kwargs)
        fields = form_class.base_fields
        if "until" in fields:
            fields["until"].initial = clock.now
            fields["until"].help_text = _("What was earned later waits for the next batch.")
        if "minimum" in fields:
            fields["minimum"].label = _("At least")
            fields["minimum"].help_text = _("Merchants who are owed less wait for the next batch.")
        return form_class

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayoutBatch]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                total=Sum("payouts__amount"),
                payouts_in_it=Count("payouts"),
                drafts=Count("payouts", filter=Q(payouts__state=PayoutState.DRAFT)),
                approved=Count("payouts", filter=Q(payouts__state=PayoutState.APPROVED)),
            )
        )

    @display(description=gettext_lazy("Amount"), ordering="total")
    def shown_total(self, batch: Any) -> str:
        return show_amount(batch.total or Decimal(0), batch.currency)

    @display(description=gettext_lazy("At least"))
    def shown_minimum(self, batch: PayoutBatch) -> str:
        return show_amount(batch.minimum, batch.currency)

    @display(description=gettext_lazy("Payouts"), ordering="payouts_in_it")
    def payouts_count(self, batch: Any) -> int:
        return int(batch.payouts_in_it)

    @display(description=gettext_lazy("To approve"), ordering="drafts")
    def drafts_count(self, batch: Any) -> str:
        return str(batch.drafts or "–")

    @display(description=gettext_lazy("To pay"), ordering="approved")
    def approved_count(self, batch: Any) -> str:
        return str(batch.approved or "–")

    def has_approve_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        batch: Any = self.get_object(request, str(object_id)) if object_id else None
        return self.has_view_permission(request, batch) and (batch is None or batch.drafts > 0)

    def write(
        self, request: HttpRequest, row: PayoutBatch, form: Any, formsets: Sequence[Any], *, change: bool
    ) -> PayoutBatch:
        given = form.cleaned_data
        data = BatchInput(
            currency=given["currency"],
            until=given["until"],
            minimum=given.get("minimum") or Decimal(0),
            note=given.get("note") or "",
        )
        return make_batch(data=data, actor=get_user(request))

    @action(description=gettext_lazy("Approve"), url_path="approve", permissions=["approve"], icon="verified")
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        batch = get_row(self, request, object_id, verb="view")

        def run(_given: dict[str, Any]) -> str:
            approved, refused = approve_batch(batch_id=batch.pk, actor=get_user(request))
            for payout, refusal in refused[:10]:
                self.message_user(request, f"{payout.merchant}: {explain(refusal)}", messages.WARNING)
            if refused:
                return _("Approved, but for %(count)d that wait.") % {"count": len(refused)}
            return _("Payouts approved: %(count)d") % {"count": approved.payouts.count()}

        task = Task(
            title=_("Approve payouts"),
            submit=_("Approve"),
            run=run,
            explanation=_(
                "Somebody else than who made it has to do this. Then the file for the bank has its lines."
            ),
        )
        return show_task(self, request, task, row=batch)

    @action(
        description=gettext_lazy("File for the bank"),
        url_path="download",
        permissions=["view"],
        icon="download",
    )
    def download(self, request: HttpRequest, object_id: str) -> HttpResponse:
        batch = get_row(self, request, object_id, verb="view")
        return batch_file(get_batch(batch.pk, get_user(request)))


@admin.register(Payout)
class PayoutAdmin(ShownPayout, MerchantRoomAdmin[Payout]):
    offers = frozenset({"view", "change"})
    duty = None
    view_duty = Action.VIEW_REPORTS
    list_display = ["id", "merchant", "shown_amount", "shown_state", "shown_account", "made_at", "closed_at"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("merchant", ScopedFilter),
        ("made_at", MomentFilter),
    ]
    list_select_related = ["merchant", "batch"]
    search_fields = ["reference", "merchant__name"]
    search_help_text = gettext_lazy("merchant, or reference of the bank")
    empty_text = gettext_lazy("Payouts are made in batches, of what merchants have earned.")
    ordering = ["-id"]
    fields = [
        "batch", "merchant", "shown_amount", "shown_state", "holder", "shown_number", "held_until", "reference", "reason", "made_by",
        "made_at", "approved_by", "approved_at", "closed_by", "closed_at",
    ]  # fmt: skip
    readonly_fields = fields
    actions = ["approve_chosen"]
    actions_detail = ["approve", "paid", "failed", "cancel"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Payout | None = None) -> Any:
        # batches are the platform's
        return [name for name in self.fields if name != "batch" or get_user(request).is_operator]

    def _takes(self, request: HttpRequest, object_id: Any, to: str) -> bool:
        if not self._may(request, "change", object_id):
            return False
        payout = self.get_object(request, str(object_id)) if object_id else None
        return payout is None or (payout.state, to) in PAYOUTS.transitions

    def has_approve_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._takes(request, object_id, PayoutState.APPROVED)

    def has_paid_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._takes(request, object_id, PayoutState.PAID)

    def has_cancel_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._takes(request, object_id, PayoutState.CANCELLED)

    @display(description=gettext_lazy("To"))
    def shown_number(self, payout: Payout) -> str:
        return f"{payout.bank} {payout.code} {payout.masked_number}"

    @action(description=gettext_lazy("Approve"), url_path="approve", permissions=["approve"], icon="verified")
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        explanation = _(
            "Somebody else than who made it has to do this. Then the file for the bank has its lines."
        )
        return self._step(request, object_id, approve_payout, _("Approve"), explanation=explanation)

    @action(description=gettext_lazy("Mark as paid"), url_path="paid", permissions=["paid"], icon="paid")
    def paid(self, request: HttpRequest, object_id: str) -> HttpResponse:
        explanation = _("The bank has sent it. The merchant finds it by the reference.")
        return self._step(
            request,
            object_id,
            mark_payout_paid,
            _("Mark as paid"),
            form=ReferenceForm,
            explanation=explanation,
        )

    @action(description=gettext_lazy("Did not arrive"), url_path="failed", permissions=["paid"], icon="undo")
    def failed(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._give_back(request, object_id, mark_payout_failed, _("Did not arrive"))

    @action(
        description=gettext_lazy("Cancel the payout"), url_path="cancel", permissions=["cancel"], icon="block"
    )
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._give_back(request, object_id, cancel_payout, _("Cancel the payout"))

    def _give_back(
        self, request: HttpRequest, object_id: str, verb: Callable[..., Payout], name: str
    ) -> HttpResponse:
        explanation = _("Its amount goes back to the merchant’s balance. This cannot be undone.")
        return self._step(
            request, object_id, verb, name, form=ReasonForm, explanation=explanation, is_dangerous=True
        )

    def _step(
        self,
        request: HttpRequest,
        object_id: str,
        verb: Callable[..., Payout],
        name: str,
        **options: Any,
    ) -> HttpResponse:
        payout = get_row(self, request, object_id, verb="view")

        def run(given: dict[str, Any]) -> str:
            changed = verb(payout_id=payout.pk, actor=get_user(request), **given)
            return _("The payout is now: %(state)s.") % {"state": changed.get_state_display()}

        task = Task(title=name, submit=name, run=run, **options)
        return show_task(self, request, task, row=payout)

    @admin.action(description=gettext_lazy("Approve"), permissions=["approve"])
    def approve_chosen(self, request: HttpRequest, queryset: QuerySet[Payout]) -> None:
        def approve(payout: Payout) -> None:
            approve_payout(payout_id=payout.pk, actor=get_user(request))

        self.for_each(request, queryset, approve, done=_("Payouts approved: %(count)d"))
