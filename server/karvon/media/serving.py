"""Public pictures under /media/ without another server in front, and private files as downloads.

Production lets nginx or S3 do this. Only names that we have given ourselves are looked up, so there is no
path to climb; what a name stands for never changes, so it may be kept for ever.
"""

from __future__ import annotations

import re
from typing import Any, Final

from django.core.files.base import File
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_safe

from karvon.media.storage import public_storage

_NAME: Final = re.compile(
    r"(?:images|renditions)/[0-9a-f]{2}/[0-9a-f]{2}/([0-9a-f]{64}(?:-[0-9]{1,5})?)\.(jpg|png|webp|avif)"
)
_CONTENT_TYPES: Final = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "avif": "image/avif"}


@require_safe
def serve_media(request: HttpRequest, name: str) -> HttpResponseBase:
    """A stored picture, to be kept by browsers and proxies without asking again."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise Http404
    etag = f'"{match[1]}"'
    is_known = request.headers.get("If-None-Match") == etag
    response = (
        HttpResponseNotModified() if is_known else _file_response(request, name, _CONTENT_TYPES[match[2]])
    )
    response["ETag"] = etag
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    # clients on other hosts may show it; opened by itself it may do nothing
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _file_response(request: HttpRequest, name: str, content_type: str) -> HttpResponseBase:
    try:
        file = public_storage().open(name, "rb")
    except FileNotFoundError as error:
        raise Http404 from error
    if request.method == "HEAD":
        with file:
            response = HttpResponse(content_type=content_type)
            response["Content-Length"] = str(file.size)
        return response
    return FileResponse(file, content_type=content_type)


def serve_private(name: str, content_type: str, file: File[Any]) -> HttpResponseBase:
    """A private file for somebody who may have it: a download that no browser shows, guesses about or keeps."""
    response = FileResponse(file, as_attachment=True, filename=name, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


urlpatterns = [path("<path:name>", serve_media, name="media")]
