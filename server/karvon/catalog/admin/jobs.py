from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldBooleanSwitchWidget

from karvon.accounts.admin_base import LANGUAGE_NAMES, ScopedFilter, badge, get_user
from karvon.accounts.admin_pages import Task, choice_field, row_field, show_task
from karvon.catalog.exchange.formats import FORMATS
from karvon.catalog.exchange.jobs import create_export_job, create_import_job
from karvon.catalog.exchange.selectors import list_refused_rows, open_export
from karvon.catalog.models import CatalogJob, JobKind, JobState
from karvon.kernel.errors import DomainError
from karvon.kernel.languages import LANGUAGES
from karvon.merchants.admin_base import MerchantRoomAdmin, merchants_allowing
from karvon.merchants.models import Merchant
from karvon.merchants.policies import Action

SHOWN_ROWS = 200
STATE_COLOURS = {
    JobState.QUEUED: "info",
    JobState.RUNNING: "info",
    JobState.DONE: "success",
    JobState.FAILED: "danger",
}
COUNTS = ("rows_done", "products_created", "products_updated", "products_unchanged", "rows_refused")


class MerchantForm(forms.Form):
    merchant = row_field(gettext_lazy("Merchant"), Merchant.objects.none())

    def __init__(self, *args: Any, merchants: QuerySet[Merchant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["merchant"].queryset = merchants  # type: ignore[attr-defined]
        if merchants.count() == 1:
            self.fields["merchant"].initial = merchants.get()


class ImportForm(MerchantForm):
    format = choice_field(gettext_lazy("Format"), [(name, name.capitalize()) for name in FORMATS])
    language = choice_field(
        gettext_lazy("Language of the file"),
        [("", gettext_lazy("the merchant's")), *((code, LANGUAGE_NAMES[code]) for code in LANGUAGES)],
        required=False,
    )
    file = forms.FileField(
        label=gettext_lazy("File"), widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,text/csv"})
    )
    dry_run = forms.BooleanField(
        label=gettext_lazy("Only try: change nothing"), required=False, widget=UnfoldBooleanSwitchWidget
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.KARVON_IMPORT_MAX_BYTES:
            raise forms.ValidationError(_("The file is too large."))
        return file


@admin.register(CatalogJob)
class CatalogJobAdmin(MerchantRoomAdmin[CatalogJob]):
    """Catalogue files on their way in and out."""

    offers = frozenset({"view", "add"})
    view_duty = Action.MANAGE_CATALOGUE
    list_display = [
        "shown_job",
        "merchant",
        "shown_state",
        "progress",
        "rows_refused",
        "created_by",
        "created_at",
    ]
    list_select_related = ["merchant", "created_by"]
    list_filter = [
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ("merchant", ScopedFilter),
    ]
    ordering = ["-id"]
    fields = ["merchant", "kind", "format", "file_name", "dry_run", "created_by", "created_at", "finished_at"]
    readonly_fields = fields
    change_form_before_template = "backoffice/job.html"
    actions_list = ["import_file", "export"]
    actions_detail = ["download"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # the buttons above the list begin jobs
        return False

    def has_begin_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "add")

    def has_download_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        job = self.get_object(request, str(object_id)) if object_id else None
        is_ready = job is not None and job.kind == JobKind.EXPORT and job.state == JobState.DONE and job.file
        return bool(is_ready) and self.has_view_permission(request, job)

    def get_urls(self) -> Any:
        progress = self.admin_site.admin_view(self.progress_view)
        own = path("<int:job_id>/progress/", progress, name="catalog_catalogjob_progress")
        return [own, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        job: CatalogJob = context["original"]
        rows = list(list_refused_rows(job)[:SHOWN_ROWS])
        context |= {
            "job": job,
            "shown": _describe(job),
            "refused": rows,
            "progress_url": self._progress_url(job),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def _progress_url(self, job: CatalogJob) -> str:
        return "" if _is_finished(job) else self.url_of("progress", job.pk)

    def progress_view(self, request: HttpRequest, job_id: int) -> JsonResponse:
        """What the page of a running job asks for."""
        job = self.get_queryset(request).filter(pk=job_id).first()
        if job is None or not self.has_view_permission(request, job):
            raise Http404
        return JsonResponse(_describe(job))

    @action(
        description=gettext_lazy("Import a file"),
        url_path="import",
        permissions=["begin"],
        icon="upload_file",
    )
    def import_file(self, request: HttpRequest) -> HttpResponse:
        def run(given: dict[str, Any]) -> HttpResponse:
            job = create_import_job(
                merchant=given["merchant"],
                actor=get_user(request),
                format_name=given["format"],
                file=given["file"],
                file_name=given["file"].name,
                dry_run=given["dry_run"],
                language=given["language"],
            )
            return HttpResponseRedirect(self.url_of("change", job.pk))

        task = Task(
            title=_("Import a catalogue"),
            submit=_("Import"),
            run=run,
            form=ImportForm,
            form_options={"merchants": self._merchants_of(request)},
            explanation=_(
                "Products are recognised by handle and variants by SKU, so a file may be imported again."
            ),
        )
        return show_task(self, request, task, row=None)

    @action(description=gettext_lazy("Export"), url_path="export", permissions=["begin"], icon="download")
    def export(self, request: HttpRequest) -> HttpResponse:
        def run(given: dict[str, Any]) -> HttpResponse:
            job = create_export_job(merchant=given["merchant"], actor=get_user(request))
            return HttpResponseRedirect(self.url_of("change", job.pk))

        task = Task(
            title=_("Export a catalogue"),
            submit=_("Export"),
            run=run,
            form=MerchantForm,
            form_options={"merchants": self._merchants_of(request)},
        )
        return show_task(self, request, task, row=None)

    @action(
        description=gettext_lazy("Download"), url_path="download", permissions=["download"], icon="download"
    )
    def download(self, request: HttpRequest, object_id: str) -> HttpResponse | FileResponse:
        job = self.get_object(request, object_id)
        if job is None:
            raise Http404
        try:
            file = open_export(job)
        except DomainError as error:
            raise Http404 from error
        return FileResponse(file, as_attachment=True, filename=job.file_name, content_type="text/csv")

    def _merchants_of(self, request: HttpRequest) -> QuerySet[Merchant]:
        user = get_user(request)
        merchants = Merchant.objects.order_by("name")
        if user.is_operator:
            return merchants
        return merchants.filter(pk__in=merchants_allowing(user, Action.MANAGE_CATALOGUE))

    @display(description=gettext_lazy("Job"), header=True, ordering="id")
    def shown_job(self, job: CatalogJob) -> list[str]:
        kind = job.get_kind_display()
        return [f"{kind} · {job.format}", job.file_name]

    @badge(description=gettext_lazy("State"), colours=STATE_COLOURS, ordering="state")
    def shown_state(self, job: CatalogJob) -> tuple[str, str]:
        return job.state, job.get_state_display()

    @display(description=gettext_lazy("Progress"))
    def progress(self, job: CatalogJob) -> str:
        return f"{job.rows_done} / {job.rows_total}" if job.rows_total else str(job.rows_done or "")


def _is_finished(job: CatalogJob) -> bool:
    return job.state in (JobState.DONE, JobState.FAILED)


def _describe(job: CatalogJob) -> dict[str, Any]:
    """Where a job stands, as its page shows it; `percent` None while nobody knows how long it is."""
    percent = None if not job.rows_total else min(100, job.rows_done * 100 // job.rows_total)
    return {
        "state": job.get_state_display(),
        "error": job.error,
        "is_finished": _is_finished(job),
        "percent": 100 if job.state == JobState.DONE else percent,
        "rows_total": job.rows_total if job.rows_total is not None else "…",
        **{name: getattr(job, name) for name in COUNTS},
    }
