"""What can be wrong with a picture or its upload."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from karvon.kernel.errors import (
    Conflict,
    DependencyDown,
    NotFound,
    RateLimited,
    TooLarge,
    UnsupportedContent,
    ValidationFailed,
)


class BrokenImage(ValidationFailed):
    code = "broken_image"
    message = _("The file cannot be read as a picture.")


class ImageTooLarge(TooLarge):
    """Bytes, pixels or frames above the limit; doors answer 413."""

    code = "image_too_large"
    message = _("The picture is too large.")


class UnsupportedImage(UnsupportedContent):
    """Content of another kind than the accepted formats; doors answer 415."""

    code = "image_type_unsupported"
    message = _("The file is not a JPEG, PNG, WebP, GIF or AVIF picture.")


class StorageFull(DependencyDown):
    code = "storage_unavailable"
    message = _("The file could not be stored. Please try again later.")


class TooBusy(RateLimited):
    code = "too_many_pictures"
    message = _("Too many pictures are being read at the moment. Please try again in a few seconds.")


class UploadNotFound(NotFound):
    code = "upload_not_found"
    message = _("There is no such upload, or it has expired.")


class ImageInUse(Conflict):
    code = "image_in_use"
    message = _("The picture is shown somewhere; take it out there first.")


class BrokenDocument(ValidationFailed):
    code = "broken_document"
    message = _("The file cannot be read as a PDF.")


class DocumentTooLarge(TooLarge):
    code = "document_too_large"
    message = _("The file is too large.")


class UnsupportedDocument(UnsupportedContent):
    code = "document_type_unsupported"
    message = _("The file is neither a PDF nor a picture.")
