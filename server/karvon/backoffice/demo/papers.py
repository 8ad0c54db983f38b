"""Papers for the town's shops: a page of PDF and a picture, made here so that nobody's real papers are in the code."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw

_PAGE = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 300]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"


def make_pdf(*lines: str) -> BytesIO:
    """One page with these lines (Latin-1) on it; PDF 1.4, ISO 32000-1, section 7.5."""
    text = "".join(f"({_escape(line)}) Tj 0 -24 Td " for line in lines)
    stream = f"BT /F 14 Tf 36 250 Td {text}ET"
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        _PAGE,
        f"<</Length {len(stream)}>>\nstream\n{stream}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    document, offsets = "%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        offsets.append(len(document))
        document += f"{number} 0 obj\n{each}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    document += f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Size {size}/Root 1 0 R>>\n"
    document += f"startxref\n{document.rindex('xref')}\n%%EOF\n"
    return BytesIO(document.encode("latin-1"))


def _escape(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def make_card(name: str, colour: str) -> BytesIO:
    """A picture of something like an identity card."""
    card = Image.new("RGB", (480, 300), colour)
    pen = ImageDraw.Draw(card)
    pen.rectangle((24, 60, 164, 240), fill="white")
    pen.ellipse((64, 90, 124, 150), fill="grey")
    pen.rectangle((50, 160, 138, 240), fill="grey")
    for number, line in enumerate(("IDENTITY CARD (DEMO)", name, "AA 0000000")):
        pen.text((190, 80 + 40 * number), line, fill="white")
    buffer = BytesIO()
    card.save(buffer, "PNG")
    buffer.seek(0)
    return buffer
