"""What can be wrong with a catalogue file as a whole. What is wrong with a row is a `Refusal`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from karvon.kernel.errors import Conflict, NotFound, RateLimited, TooLarge, ValidationFailed


class FileRefused(ValidationFailed):
    code = "file_not_recognised"
    message = _("The file is not of the chosen format.")


class ImportRunning(Conflict):
    code = "import_running"
    message = _("Another import of this merchant is running. Please wait until it has finished.")


class TooManyJobs(RateLimited):
    code = "too_many_jobs"
    message = _(
        "Too many imports and exports of this merchant are waiting. Please wait until they have finished."
    )


class JobFileGone(NotFound):
    code = "file_not_available"
    message = _("The file is not there: not written yet, or removed after some days.")


class FileTooLarge(TooLarge):
    """Above KARVON_IMPORT_MAX_BYTES; doors answer 413."""

    code = "file_too_large"
    message = _("The file is too large.")
