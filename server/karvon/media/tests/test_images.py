"""What becomes of the pictures that strangers send."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat

from karvon.kernel.errors import DomainError
from karvon.media.errors import BrokenImage, ImageTooLarge, UnsupportedImage
from karvon.media.images import clean_image, read_bounded
from karvon.media.tests.pictures import draw, draw_photo, list_samples, open_bytes, sample

# the code that each file of the sample data is refused with; all others are accepted
REFUSED = {
    "fuzzdb-lottapixel.jpg": "too_many_pixels",
    "fuzzdb-uber.gif": "too_many_frames",
    "pillow-apng_chunk_no_fctl.png": "broken_image",
    "pillow-apng_syntax_num_frames_zero.png": "broken_image",
    "pillow-broken.png": "broken_image",
    "pillow-broken_data_stream.png": "broken_image",
    "pillow-crash-0da013a13571cc8eb457a39fee8db18f8a3c7127.tif": "image_type_unsupported",
    "pillow-crash-4fb027452e6988530aa5dabee76eecacb3b79f8a.j2k": "image_type_unsupported",
    "pillow-crash-5762152299364352.fli": "image_type_unsupported",
    "pillow-crash-754d9c7ec485ffb76a90eeaab191ef69a2a3a3cd.sgi": "image_type_unsupported",
    "pillow-decompression_bomb.gif": "too_many_pixels",
    "pillow-decompression_bomb.ico": "image_type_unsupported",
    "pillow-hopper.ico": "image_type_unsupported",
    "pillow-truncated_end_chunk.png": "broken_image",
    "pillow-truncated_image.png": "broken_image",
    "pillow-truncated_jpeg.jpg": "broken_image",
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("path", list_samples("hostile/images/*"))
def test_every_hostile_picture_is_cleaned_or_refused_with_its_reason(path: Path) -> None:
    data = path.read_bytes()
    started = time.process_time()

    try:
        cleaned = clean_image(data)
        code = ""
        assert open_bytes(cleaned.data).size == (cleaned.width, cleaned.height)
    except DomainError as error:
        code = error.code

    assert code == REFUSED.get(path.name, "")
    assert time.process_time() - started < 2


@pytest.mark.parametrize("path", list_samples("hostile/pngsuite/*.png"))
def test_the_png_suite_is_read_but_for_its_corrupt_files(path: Path) -> None:
    data = path.read_bytes()

    if path.name.startswith("x"):
        with pytest.raises((BrokenImage, UnsupportedImage)):
            clean_image(data)
    else:
        cleaned = clean_image(data)
        assert open_bytes(cleaned.data).mode in ("RGB", "RGBA")


def test_memory_stays_bounded_over_all_hostile_pictures() -> None:
    folder = sample("hostile/images")
    program = (
        "import sys, pathlib, warnings, django; warnings.simplefilter('ignore'); django.setup()\n"
        "from karvon.kernel.errors import DomainError\n"
        "from karvon.media.images import clean_image\n"
        "from karvon.kernel.testing import peak_memory_mb\n"
        "before = peak_memory_mb()\n"
        "for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):\n"
        "    try: clean_image(path.read_bytes())\n"
        "    except DomainError: pass\n"
        "print(peak_memory_mb() - before)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=True
    )

    assert int(done.stdout.split()[-1]) < 100  # MB


@pytest.mark.parametrize("number", range(2, 9))
def test_the_camera_s_orientation_is_applied(number: int) -> None:
    upright = open_bytes(sample("hostile/images/pillow-hopper.jpg").read_bytes())

    cleaned = open_bytes(
        clean_image(sample(f"hostile/images/pillow-hopper_orientation_{number}.jpg").read_bytes()).data
    )

    difference = ImageStat.Stat(ImageChops.difference(upright, cleaned.convert("RGB"))).mean
    assert max(difference) < 8


def test_nothing_but_pixels_survives() -> None:
    exif = Image.Exif()
    exif[0x010F] = "secret camera"
    exif[0x8825] = {1: "N", 2: (41.0, 18.0, 0.0)}  # where it was taken
    data = draw(format_="JPEG", exif=exif, comment=b"secret comment") + b"<script>alert(1)</script>"

    cleaned = clean_image(data)

    image = open_bytes(cleaned.data)
    assert not image.getexif()
    assert not {"icc_profile", "comment", "exif", "xmp"} & set(image.info)
    for hidden in (b"secret", b"script", b"Exif"):
        assert hidden not in cleaned.data


def test_png_texts_and_animations_do_not_survive() -> None:
    frames = [Image.new("RGBA", (20, 20), colour) for colour in ("red", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "PNG", save_all=True, append_images=frames[1:], pnginfo=None)

    cleaned = clean_image(buffer.getvalue())

    image = open_bytes(cleaned.data)
    assert getattr(image, "n_frames", 1) == 1
    assert image.convert("RGB").getpixel((5, 5)) == (255, 0, 0)


def test_an_embedded_profile_is_converted_to_srgb() -> None:
    lab = ImageCms.createProfile("LAB")
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = clean_image(draw(colour=(10, 200, 30)))

    with_srgb = clean_image(draw(colour=(10, 200, 30), icc_profile=srgb))
    with_wrong = clean_image(draw(colour=(10, 200, 30), icc_profile=ImageCms.ImageCmsProfile(lab).tobytes()))
    with_garbage = clean_image(draw(colour=(10, 200, 30), icc_profile=b"no profile at all"))

    assert plain.data == with_srgb.data == with_wrong.data == with_garbage.data
    assert "icc_profile" not in open_bytes(with_srgb.data).info


def test_cmyk_palettes_and_sixteen_bits_become_rgb() -> None:
    cyan = open_bytes(clean_image(draw(mode="CMYK", colour=(255, 0, 0, 0), format_="JPEG")).data)
    sixteen = open_bytes(clean_image(draw(mode="I;16", colour=32_896)).data)
    palette = Image.new("P", (10, 10), 0)
    palette.putpalette([9, 8, 7])
    buffer = io.BytesIO()
    palette.save(buffer, "PNG", transparency=0)

    see_through = open_bytes(clean_image(buffer.getvalue()).data)

    red, green, blue = cyan.getpixel((5, 5))  # type: ignore[misc]
    assert cyan.mode == "RGB"
    assert red < 60 < 120 < min(green, blue)
    assert sixteen.convert("RGB").getpixel((5, 5)) == (128, 128, 128)
    assert see_through.getpixel((5, 5)) == (9, 8, 7, 0)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_all_accepted_formats_are_recognised_by_content(format_: str) -> None:
    cleaned = clean_image(draw(64, 48, format_=format_))

    assert (cleaned.width, cleaned.height) == (64, 48)
    assert cleaned.content_type in ("image/jpeg", "image/png")


@pytest.mark.parametrize(
    "data",
    [
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<svg onload=alert(1)>",
        b"<!DOCTYPE html><html><script>alert(1)</script></html>",
        b"GIF",
        b"%PDF-1.7",
        b"MZ\x90\0",
        b"PK\x03\x04",
        draw(format_="BMP"),
        draw(format_="TIFF"),
        draw(format_="ICO"),
    ],
    ids=["svg", "bare svg", "html", "short", "pdf", "exe", "zip", "bmp", "tiff", "ico"],
)
def test_other_content_is_refused(data: bytes) -> None:
    with pytest.raises(UnsupportedImage):
        clean_image(data)


@pytest.mark.parametrize(
    "start", [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBP"]
)
def test_a_promising_beginning_is_not_enough(start: bytes) -> None:
    with pytest.raises(BrokenImage):
        clean_image(start + b"\0" * 40 if start else b"")


def test_a_picture_cut_short_anywhere_is_refused() -> None:
    data = draw_photo(200, 100)

    for length in range(20, len(data) - 2, max(1, len(data) // 40)):
        with pytest.raises(DomainError):
            clean_image(data[:length])


def test_pixels_are_counted_before_they_are_decoded() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )

    with pytest.raises(ImageTooLarge) as refused:
        clean_image(data)

    assert refused.value.code == "too_many_pixels"


def test_large_photographs_are_scaled_down(settings: object) -> None:
    cleaned = clean_image(draw_photo(4000, 3000))

    assert (cleaned.width, cleaned.height) == (2560, 1920)


def test_reading_stops_at_the_limit() -> None:
    source = io.BytesIO(b"x" * 1_000_000)

    with pytest.raises(ImageTooLarge) as refused:
        read_bounded(source, max_bytes=100_000)

    assert refused.value.code == "image_too_large"
    assert source.tell() <= 100_000 + 64 * 1024


def test_the_colour_to_paint_meanwhile() -> None:
    assert clean_image(draw(colour=(200, 30, 30))).dominant_colour == "#c81e1e"
    assert clean_image(draw(mode="RGBA", colour=(0, 0, 0, 0))).dominant_colour == "#ffffff"
