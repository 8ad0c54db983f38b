"""Back-office pages of reviews: sellers answer, staff moderates; nobody edits what a customer wrote."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from karvon.accounts.admin_base import MomentFilter, ReadOnlyInline, RoomAdmin, ScopedFilter, badge, get_user
from karvon.accounts.admin_pages import Task, get_row, long_text_field, show_task, text_field
from karvon.merchants.admin_base import MerchantRoomAdmin, merchants_allowing
from karvon.merchants.policies import Action
from karvon.reviews.models import Review, ReviewReport, ReviewState
from karvon.reviews.selectors import UNREAD
from karvon.reviews.services import (
    delete_review,
    hide_review,
    reply_to_review,
    resolve_reports,
    unhide_review,
)
from karvon.reviews.services.moderating import LONGEST_REASON
from karvon.reviews.services.writing import LONGEST_COMMENT


class ReplyForm(forms.Form):
    comment = long_text_field(gettext_lazy("The shop's reply"), max_length=LONGEST_COMMENT)


class HideForm(forms.Form):
    reason = text_field(gettext_lazy("Reason"), max_length=LONGEST_REASON, required=False)


class ReportInline(ReadOnlyInline):
    model = ReviewReport
    fields = ["user", "reason", "created_at", "resolved_at"]
    readonly_fields = fields


class ReportedFilter(admin.SimpleListFilter):
    title = gettext_lazy("reports")
    parameter_name = "reported"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("With open reports"))] if get_user(request).is_operator else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Review]) -> QuerySet[Review]:
        return queryset.filter(open_reports__gt=0) if self.value() == "1" else queryset


@admin.register(Review)
class ReviewAdmin(MerchantRoomAdmin[Review]):
    offers = frozenset({"view", "change", "delete"})
    merchant_path = "product__merchant_id"
    duty = None
    list_display = [
        "shown_product",
        "stars",
        "shown_text",
        "author",
        "is_verified",
        "shown_state",
        "reports",
        "created_at",
    ]
    list_display_links = ["shown_product", "shown_text"]
    list_filter = [
        ReportedFilter,
        ("rating", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        "is_verified",
        ("product", ScopedFilter),
        ("created_at", MomentFilter),
    ]
    list_select_related = ["product__merchant", "user"]
    search_fields = ["title", "comment", "product__title_uz", "product__title_ru", "product__title_en"]
    ordering = ["-id"]
    fields = [
        "product",
        "author",
        "stars",
        "title",
        "comment",
        "is_verified",
        "state",
        "hidden_reason",
        "reply",
        "replied_at",
        "created_at",
        "updated_at",
    ]
    readonly_fields = fields
    inlines = [ReportInline]
    actions = ["hide_chosen", "show_chosen"]
    actions_detail = ["write_reply", "hide", "unhide", "resolve"]

    def visible(self, rows: QuerySet[Review], user: Any) -> QuerySet[Review]:
        open_reports = Count("reports", filter=Q(reports__resolved_at__isnull=True))
        return super().visible(rows.defer(*UNREAD).annotate(open_reports=open_reports), user)

    def get_list_display(self, request: HttpRequest) -> Any:
        if get_user(request).is_operator:
            return self.list_display
        return [name for name in self.list_display if name != "reports"]

    def get_inlines(self, request: HttpRequest, obj: Review | None = None) -> Any:
        return self.inlines if get_user(request).is_operator else []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # the form is for reading; what can be done is behind the buttons
        return False

    def remove(self, request: HttpRequest, row: Review) -> None:
        delete_review(review_id=row.pk, actor=get_user(request))

    @display(description=gettext_lazy("Product"), header=True)
    def shown_product(self, review: Review) -> list[str]:
        return [review.product.title, review.product.merchant.name]

    @display(description=gettext_lazy("Rating"), ordering="rating")
    def stars(self, review: Review) -> str:
        return "★" * review.rating + "☆" * (5 - review.rating)

    @display(description=gettext_lazy("Review"))
    def shown_text(self, review: Review) -> str:
        text = review.title or review.comment
        return text if len(text) <= 60 else f"{text[:60]}…"

    @display(description=gettext_lazy("Author"))
    def author(self, review: Review) -> str:
        # a customer's first name is all that a seller needs
        return review.user.first_name or f"#{review.user_id}"

    @badge(
        description=gettext_lazy("State"),
        colours={ReviewState.VISIBLE: "success", ReviewState.HIDDEN: "danger"},
        ordering="state",
    )
    def shown_state(self, review: Review) -> tuple[str, str]:
        return review.state, review.get_state_display()

    @display(description=gettext_lazy("Reports"), ordering="open_reports")
    def reports(self, review: Any) -> str:
        return str(review.open_reports or "")

    @action(description=gettext_lazy("Reply"), url_path="reply", permissions=["reply"], icon="reply")
    def write_reply(self, request: HttpRequest, object_id: str) -> HttpResponse:
        review = get_row(self, request, object_id, verb="view")

        def run(given: dict[str, Any]) -> str:
            reply_to_review(review_id=review.pk, comment=given["comment"], actor=get_user(request))
            return _("The reply is shown under the review.")

        task = Task(
            title=_("Reply to the review"),
            submit=_("Publish the reply"),
            run=run,
            form=ReplyForm,
            form_options={"initial": {"comment": review.reply}},
            explanation=review.comment or review.title,
        )
        return show_task(self, request, task, row=review)

    @action(
        description=gettext_lazy("Hide"),
        url_path="hide",
        permissions=["hide"],
        icon="visibility_off",
        variant=ActionVariant.DANGER,
    )
    def hide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        review = get_row(self, request, object_id, verb="view")

        def run(given: dict[str, Any]) -> str:
            hide_review(review_id=review.pk, reason=given["reason"], actor=get_user(request))
            return _("The review is hidden and no longer counts.")

        task = Task(title=_("Hide the review"), submit=_("Hide"), run=run, form=HideForm, is_dangerous=True)
        return show_task(self, request, task, row=review)

    @action(description=gettext_lazy("Show"), url_path="show", permissions=["unhide"], icon="visibility")
    def unhide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        review = get_row(self, request, object_id, verb="view")

        def run(_given: dict[str, Any]) -> str:
            unhide_review(review_id=review.pk, actor=get_user(request))
            return _("The review is shown again.")

        return show_task(
            self, request, Task(title=_("Show the review"), submit=_("Show"), run=run), row=review
        )

    @action(
        description=gettext_lazy("Reports dealt with"),
        url_path="resolve",
        permissions=["resolve"],
        icon="done_all",
    )
    def resolve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        review = get_row(self, request, object_id, verb="view")

        def run(_given: dict[str, Any]) -> str:
            count = resolve_reports(review_id=review.pk, actor=get_user(request))
            return _("Reports dealt with: %(count)d") % {"count": count}

        task = Task(title=_("Reports dealt with"), submit=_("Leave the review as it is"), run=run)
        return show_task(self, request, task, row=review)

    @admin.action(description=gettext_lazy("Hide"), permissions=["moderate"])
    def hide_chosen(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        def hide(review: Review) -> None:
            hide_review(review_id=review.pk, reason="", actor=get_user(request))

        self.for_each(request, queryset, hide, done=_("Reviews hidden: %(count)d"))

    @admin.action(description=gettext_lazy("Show"), permissions=["moderate"])
    def show_chosen(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        def show(review: Review) -> None:
            unhide_review(review_id=review.pk, actor=get_user(request))

        self.for_each(request, queryset, show, done=_("Reviews shown: %(count)d"))

    def has_moderate_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return get_user(request).is_operator and self._may(request, "change", object_id)

    def has_reply_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        user = get_user(request)
        may_reply = user.is_operator or bool(merchants_allowing(user, Action.REPLY_REVIEWS))
        return may_reply and self.has_view_permission(request, object_id)

    def has_hide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._is(request, object_id, state=ReviewState.VISIBLE)

    def has_unhide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._is(request, object_id, state=ReviewState.HIDDEN)

    def has_resolve_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._is(request, object_id, open_reports__gt=0)

    def _is(self, request: HttpRequest, object_id: Any, **condition: Any) -> bool:
        if not object_id or not self.has_moderate_permission(request):
            return False
        key = str(object_id)
        return key.isdigit() and self.get_queryset(request).filter(pk=key, **condition).exists()


@admin.register(ReviewReport)
class ReviewReportAdmin(RoomAdmin[ReviewReport]):
    offers = frozenset({"view"})
    list_display = ["review", "reason", "user", "created_at", "resolved_at"]
    list_select_related = ["review__product", "user"]
    list_filter = [("resolved_at", admin.EmptyFieldListFilter)]
    search_fields = ["reason", "review__comment"]
    ordering = ["-id"]
    readonly_fields = ["review", "user", "reason", "created_at", "resolved_at"]
