# mypy: disable-error-code="misc"
"""Decoding of pictures that strangers send.

Nothing of an upload is kept but its pixels: it is recognised by content, measured by its header before a
single pixel is decoded, decoded completely, turned upright, brought to 8-bit sRGB and written anew.
Whatever hid beside the pixels (metadata, a second file, a script) does not survive that.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

from karvon.media.errors import BrokenImage, ImageTooLarge, TooBusy, UnsupportedImage

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
# a phone's JPEG with a second picture appended opens as MPO; its first frame is the picture
_ACCEPTED: Final = frozenset({*FORMATS, "MPO"})
_CHUNK = 64 * 1024
_SRGB = ImageCms.createProfile("sRGB")
_JPEG_QUALITY = 90
_LARGEST_DRAWING = 1_000_000  # pixels; a PNG above that is a photograph in the wrong format
# for pixels that the header keeps quiet about (a frame larger than its canvas): decoding stops at twice this
Image.MAX_IMAGE_PIXELS = settings.KARVON_IMAGE_MAX_PIXELS
_decoders = threading.BoundedSemaphore(settings.KARVON_IMAGE_DECODERS)


@dataclass(frozen=True)
class CleanImage:
    """A picture as we keep it: `data` is a whole JPEG or PNG file without metadata."""

    data: bytes
    content_type: str
    extension: str
    width: int
    height: int
    dominant_colour: str


def read_bounded(source: BinaryIO, *, max_bytes: int) -> bytes:
    """All of `source`, at most `max_bytes` of it. Raises ImageTooLarge without reading much further."""
    parts: list[bytes] = []
    size = 0
    while chunk := source.read(_CHUNK):
        size += len(chunk)
        if size > max_bytes:
            raise ImageTooLarge(
                _("The picture is larger than %(limit)s kB.") % {"limit": max_bytes // 1024},
                code="image_too_large",
            )
        parts.append(chunk)
    return b"".join(parts)


def clean_image(data: bytes) -> CleanImage:
    """Decode `data` and write it anew.

    Raises UnsupportedImage (not one of FORMATS), ImageTooLarge (pixels or frames), BrokenImage (cannot be
    decoded to the end), TooBusy (all decoders are taken).
    """
    _refuse_other_content(data)
    with _one_decoder():
        try:
            return _decode(data)
        except (UnsupportedImage, ImageTooLarge, BrokenImage):
            raise
        except Exception as error:  # a decoder fed hostile bytes may raise anything at all
            raise BrokenImage from error


def resize_to_width(image: Image.Image, width: int) -> Image.Image:
    """`image` scaled to `width`, never up."""
    if width >= image.width:
        return image
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Image.Resampling.LANCZOS)


def encode(image: Image.Image, format_: str) -> bytes:
    """`image` as a whole WebP or AVIF file for shoppers' browsers."""
    buffer = io.BytesIO()
    if format_ == "avif":
        # higher speeds cost a few per cent of size and save nine tenths of the time
        image.save(buffer, "AVIF", quality=60, speed=settings.KARVON_AVIF_SPEED, max_threads=1)
    else:
        image.save(buffer, "WEBP", quality=80, method=4)
    return buffer.getvalue()


def is_recognised(data: bytes) -> bool:
    """Whether the first bytes are those of an accepted format."""
    return (
        data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a"))
        or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
        or data[4:12] in (b"ftypavif", b"ftypavis", b"ftypmif1")
    )


def _refuse_other_content(data: bytes) -> None:
    if not data:
        raise BrokenImage(_("The file is empty."))
    if not is_recognised(data[:16]):
        raise UnsupportedImage


@contextmanager
def _one_decoder() -> Iterator[None]:
    """Few pictures are decoded at a time, so that many uploads at once cannot fill the memory."""
    if not _decoders.acquire(timeout=20):
        raise TooBusy
    try:
        yield
    finally:
        _decoders.release()


def _decode(data: bytes) -> CleanImage:
    _verify_checksums(data)
    with _open(data) as image:
        _refuse_too_many_frames(data, image)
        if image.format in ("JPEG", "MPO"):
            # huge photographs are decoded at a fraction of their size to begin with
            side = settings.KARVON_IMAGE_MAX_SIDE
            image.draft(None, (side, side))
        image.load()
        upright = _turn_upright(image)
        is_exact = image.format in ("PNG", "GIF")
    return _encode_original(_fit(_to_srgb(upright)), is_exact=is_exact)


def _open(data: bytes) -> Image.Image:
    """Read the header only, and refuse what it announces before anything is decoded."""
    limit = settings.KARVON_IMAGE_MAX_PIXELS
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except Image.UnidentifiedImageError as error:
        raise BrokenImage from error
    if image.format not in _ACCEPTED:
        raise UnsupportedImage
    if image.width * image.height > limit:
        raise _too_many_pixels()
    return image


def _too_many_pixels() -> ImageTooLarge:
    return ImageTooLarge(
        _("The picture has more than %(limit)s million pixels.")
        % {"limit": settings.KARVON_IMAGE_MAX_PIXELS // 1_000_000},
        code="too_many_pixels",
    )


def _verify_checksums(data: bytes) -> None:
    """PNG's chunk checksums are not looked at when pixels are decoded; `verify` reads them without
    decoding.
    """
    if not data.startswith(b"\x89PNG"):
        return
    with _open(data) as image:
        image.verify()


def _refuse_too_many_frames(data: bytes, image: Image.Image) -> None:
    """Only the first frame is shown; a file of thousands of them is no product picture."""
    limit = settings.KARVON_IMAGE_MAX_FRAMES
    frames = _count_gif_frames(data, limit + 1) if image.format == "GIF" else getattr(image, "n_frames", 1)
    if frames > limit:
        raise ImageTooLarge(
            _("The picture has more than %(limit)s frames.") % {"limit": limit}, code="too_many_frames"
        )


def _count_gif_frames(data: bytes, stop_at: int) -> int:
    """Frames of a GIF, by walking over its blocks (Pillow would build every frame to count them)."""
    frames, position = 0, 13 + _colour_table_size(data[10])
    while position < len(data) and frames < stop_at:
        block = data[position]
        if block == 0x2C:
            frames += 1
            position += 10 + _colour_table_size(data[position + 9]) + 1
        elif block == 0x21:
            position += 2
        else:
            break
        while data[position]:
            position += data[position] + 1
        position += 1
    return frames


def _colour_table_size(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _turn_upright(image: Image.Image) -> Image.Image:
    """Apply the orientation that the camera wrote down; unreadable metadata means as it is."""
    try:
        return ImageOps.exif_transpose(image)
    except (ValueError, TypeError, KeyError, SyntaxError, OSError, ZeroDivisionError, OverflowError):
        return image


def _to_srgb(image: Image.Image) -> Image.Image:
    """`image` as 8-bit RGB or RGBA in the colours that browsers assume."""
    profile = image.info.get("icc_profile")
    image = _flatten_depth(image)
    if isinstance(profile, bytes) and profile:
        image = _apply_profile(image, profile)
    has_alpha = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    return (
        image
        if image.mode == ("RGBA" if has_alpha else "RGB")
        else image.convert("RGBA" if has_alpha else "RGB")
    )


def _flatten_depth(image: Image.Image) -> Image.Image:
    """Sixteen bits per pixel become eight (a plain convert would clip instead of scaling)."""
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.mode == "I":
        return image.point(lambda value: value * (1 / 257)).convert("L")
    if image.mode == "F":
        return image.convert("L")
    return image


def _apply_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert from the embedded profile; one that fits neither the pixels nor the standard is left out."""
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB")
    target = "RGBA" if image.mode == "RGBA" else "RGB"
    if image.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode=target)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return converted or image


def _fit(image: Image.Image) -> Image.Image:
    side = settings.KARVON_IMAGE_MAX_SIDE
    if max(image.size) > side:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return image


def _encode_original(image: Image.Image, *, is_exact: bool) -> CleanImage:
    """JPEG for photographs, PNG for drawings that came without loss and for whatever is see-through."""
    if image.mode == "RGBA" and image.getextrema()[3] == (255, 255):
        image = image.convert("RGB")
    # nothing of the source's metadata may travel along into the new file
    image.info = {}
    buffer = io.BytesIO()
    is_drawing = is_exact and image.width * image.height <= _LARGEST_DRAWING
    as_jpeg = image.mode == "RGB" and not is_drawing
    if as_jpeg:
        image.save(buffer, "JPEG", quality=_JPEG_QUALITY, progressive=True, optimize=True)
    else:
        image.save(buffer, "PNG", compress_level=6)
    return CleanImage(
        data=buffer.getvalue(),
        content_type="image/jpeg" if as_jpeg else "image/png",
        extension="jpg" if as_jpeg else "png",
        width=image.width,
        height=image.height,
        dominant_colour=_dominant_colour(image),
    )


def _dominant_colour(image: Image.Image) -> str:
    """What a client paints while the picture loads: the average over white."""
    tiny = image.resize((1, 1), Image.Resampling.BOX)
    if tiny.mode == "RGBA":
        tiny = Image.alpha_composite(Image.new("RGBA", (1, 1), "white"), tiny)
    red, green, blue = tiny.convert("RGB").tobytes()
    return f"#{red:02x}{green:02x}{blue:02x}"
