"""The organisation's mark in reports: which pictures are taken, and how large one is printed. Pure.

What is uploaded is only looked at from outside here; the typesetter then draws it anew, so that nothing but its
pixels is kept.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from service.dissemination.filetypes import holds
from service.kernel.errors import Invalid

LARGEST = 1_000_000  # bytes of what is uploaded
MOST_PIXELS = 4_000  # along one side, of what is uploaded
BOX = (480, 160)  # pixels that a mark is drawn within
MOST_KEPT = 150_000  # bytes of what is kept: each report holds it
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # JPEG: start of frame


class BadLogo(Invalid):
    """This picture is not taken as a mark."""

    code = "bad-logo"


@dataclass(frozen=True, slots=True)
class Logo:
    """A mark as reports print it: a PNG in base64, its size in pixels, and what it says to those who do not see it."""

    data: str
    width: int
    height: int
    alt: str


def check_logo(content: bytes) -> tuple[int, int]:
    """Return the width and height at which a picture is drawn: within the box, its shape kept.

    Raises:
        BadLogo: it is no PNG or JPEG, or too large.
    """
    if len(content) > LARGEST:
        raise BadLogo(f"This picture is more than we take: at most {LARGEST // 1_000_000} MB.", field="file")
    size = _png_size(content) if holds("png", content) else _jpeg_size(content) if holds("jpg", content) else None
    if size is None:
        raise BadLogo("Give a PNG or a JPEG picture.", field="file")
    width, height = size
    if not (16 <= width <= MOST_PIXELS and 16 <= height <= MOST_PIXELS):
        raise BadLogo(f"Give a picture of 16 to {MOST_PIXELS:,} pixels along each side.", field="file")
    scale = min(BOX[0] / width, BOX[1] / height, 1.0)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _png_size(content: bytes) -> tuple[int, int] | None:
    if content[12:16] != b"IHDR" or len(content) < 24:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Return the size in the first frame header; segments before it are stepped over."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None
