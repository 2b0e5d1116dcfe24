"""The organisation's mark: which pictures are taken, and that a frozen report keeps its own."""

from __future__ import annotations

import base64
import io
import struct
import zipfile
import zlib
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import Session

from service.audit import log
from service.dissemination import actions, branding
from service.dissemination.logos import BadLogo, check_logo
from service.dissemination.rendering import render
from service.dissemination.snapshots import from_json, to_json
from tests.dissemination.worlds import NOW, World, empty_world, store_world

ACTOR: dict[str, Any] = {"now": NOW, "actor": "staff:01test"}


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int = 960, height: int = 200, *, secret: bytes = b"") -> bytes:
    """Return a green picture, with a text in it that nobody sees."""
    rows = b"".join(b"\x00" + b"\x10\x60\x40" * width for _ in range(height))
    parts = [
        chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        chunk(b"tEXt", b"Author\x00" + secret),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def jpeg_head(width: int, height: int) -> bytes:
    frame = b"\xff\xc0\x00\x0b\x08" + struct.pack(">HH", height, width) + b"\x01\x01\x11\x00"
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + frame


@pytest.mark.parametrize(
    ("content", "size"),
    [
        pytest.param(png(), (480, 100), id="a wide one is made to fit"),
        pytest.param(png(100, 40), (100, 40), id="a small one is left as it is"),
        pytest.param(jpeg_head(320, 640), (80, 160), id="a tall JPEG"),
    ],
)
def test_a_mark_fits_its_box(content: bytes, size: tuple[int, int]):
    assert check_logo(content) == size


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<svg onload='alert(1)'/>", id="SVG"),
        pytest.param(b"\x89PNG\r\n\x1a\n broken head", id="no head"),
        pytest.param(png(8, 8), id="too small"),
        pytest.param(png(4_001, 16), id="too wide"),
        pytest.param(jpeg_head(65_000, 65_000), id="a bomb"),
        pytest.param(png()[:-40], id="cut off"),
        pytest.param(b"\xff\xd8\xff\xff", id="no frame"),
        pytest.param(png() + bytes(1_000_000), id="too large"),
    ],
)
def test_what_is_no_mark_is_refused(content: bytes):
    with pytest.raises(BadLogo) as refused:
        branding.draw_logo(content)

    assert (refused.value.code, refused.value.field) == ("bad-logo", "file")


def test_only_the_pixels_are_kept():
    picture, size = branding.draw_logo(png(secret=b"taken in Geneva") + b"<script>")

    assert (picture[:8], struct.unpack(">II", picture[16:24]), size) == (b"\x89PNG\r\n\x1a\n", size, (480, 100))
    assert (b"Geneva" in picture, b"<script>" in picture) == (False, False)


@pytest.fixture
def world(session: Session) -> World:
    """A project without anything."""
    return store_world(session, empty_world())


def test_a_frozen_report_keeps_its_mark_in_every_format(session: Session, world: World):
    project = world.project_id
    bare = actions.freeze_snapshot(session, project, profile="donor", **ACTOR)
    branding.set_logo(session, project, *branding.draw_logo(png()), **ACTOR)
    marked = actions.freeze_snapshot(session, project, profile="public", **ACTOR)
    branding.remove_logo(session, project, **ACTOR)
    branding.remove_logo(session, project, **ACTOR)

    kept = actions.read_snapshot(session, marked.snapshot_id)
    assert (kept, "logo" in to_json(bare), branding.read_logo(session, project)) == (marked, False, None)
    assert kept.logo
    assert (kept.logo.alt, kept.logo.width, kept.logo.height) == ("Halden Trust", 480, 100)
    assert from_json(to_json(kept)) == kept
    assert f'src="data:image/png;base64,{kept.logo.data}"'.encode() in render(kept, "html")
    with zipfile.ZipFile(io.BytesIO(render(kept, "docx"))) as archive:
        pictures = [archive.read(name) for name in archive.namelist() if name.startswith("word/media/")]
        assert base64.b64decode(kept.logo.data) in pictures
        assert 'descr="Halden Trust"' in archive.read("word/document.xml").decode()
    with_it, without = render(kept, "pdf"), render(replace(kept, logo=None), "pdf")
    assert with_it.count(b"/Subtype/Image") == without.count(b"/Subtype/Image") + 2  # and its transparency
    assert [render(kept, format) for format in ("html", "pdf", "docx")] == [
        render(kept, format) for format in ("html", "pdf", "docx")
    ]
    noted = [entry["action"] for entry in log.trail(session, f"project:{project}")]
    assert sorted(noted) == ["logo.removed", "logo.set"]
