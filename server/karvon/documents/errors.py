"""What this room refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from karvon.kernel.errors import Conflict, DependencyDown, NotFound


class DocumentNotFound(NotFound):
    code = "document_not_found"
    message = _("There is no such document.")


class NotInvoicedYet(Conflict):
    code = "not_invoiced_yet"
    message = _("The invoice is written when the order is confirmed.")


class PdfUnavailable(DependencyDown):
    code = "pdf_unavailable"
    message = _("This server cannot make PDF files. The page of the document can be printed instead.")
    retry_after = 3600


class PdfBusy(DependencyDown):
    code = "pdf_busy"
    message = _("Many files are being made at the moment. Please try again in a few seconds.")
