"""A mark drawn anew as PNG by the typesetter: its pixels and nothing else of what was uploaded."""

from __future__ import annotations

import json

import typst

from service.dissemination.logos import MOST_KEPT, BadLogo

_SOURCE = b"""#set page(width: auto, height: auto, margin: 0pt, fill: none)
#let it = json(bytes(sys.inputs.picture))
#image(bytes(it.content), width: it.width * 1pt, height: it.height * 1pt)"""


def drawn(content: bytes, width: int, height: int) -> bytes:
    """Return a picture as PNG of a size.

    Raises:
        BadLogo: it cannot be read, or has too many colours to be a mark.
    """
    said = json.dumps({"content": list(content), "width": width, "height": height})
    try:
        made = typst.compile(
            _SOURCE, sys_inputs={"picture": said}, format="png", ppi=72, ignore_system_fonts=True
        )  # a point a pixel
    except typst.TypstError:
        raise BadLogo("This picture cannot be read. Save it again, as PNG.", field="file") from None
    picture = bytes(made if isinstance(made, bytes) else made[0])
    if len(picture) > MOST_KEPT:
        raise BadLogo("This is more of a photograph than a mark: give one with fewer colours.", field="file")
    return picture
