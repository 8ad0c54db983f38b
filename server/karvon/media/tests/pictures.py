"""Pictures for tests, drawn here or taken from the sample data beside the repository."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

SAMPLES = Path(__file__).resolve().parents[5] / "shared" / "data"


def sample(path: str) -> Path:
    """A file of the sample data; the test is skipped where there is none."""
    found = SAMPLES / path
    if not found.exists():
        pytest.skip(f"no sample data at {found}")
    return found


def list_samples(pattern: str) -> list[Any]:
    """Parameters for one test per file; one that skips visibly where there is no sample data."""
    found = sorted(SAMPLES.glob(pattern))
    if not found:
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"no sample data at {SAMPLES}"))]
    return [pytest.param(path, id=path.name) for path in found]


def draw(
    width: int = 40,
    height: int = 30,
    *,
    mode: str = "RGB",
    colour: Any = (200, 30, 30),
    format_: str = "PNG",
    **save: Any,
) -> bytes:
    """A plain picture as a file's bytes."""
    buffer = io.BytesIO()
    Image.new(mode, (width, height), colour).save(buffer, format_, **save)
    return buffer.getvalue()


def draw_photo(width: int = 1400, height: int = 700, *, seed: int = 1, format_: str = "JPEG") -> bytes:
    """A picture with something on it: red at the left, blue at the right, different for each seed."""
    image = Image.linear_gradient("L").resize((width, height)).transpose(Image.Transpose.ROTATE_90)
    image = image.resize((width, height))
    picture = Image.merge(
        "RGB", (image, Image.new("L", (width, height), seed % 256), image.point(lambda x: 255 - x))
    )
    buffer = io.BytesIO()
    picture.save(buffer, format_)
    return buffer.getvalue()


def open_bytes(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
