"""Charts as pictures (PNG), for documents that cannot hold SVG: set by the typesetter of the pages, in the same fonts.

The same chart gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any

import typst

from service.dissemination.drawing import Drawing
from service.kernel.places import data_folder

PPI = 144


def render(charts: Sequence[Drawing]) -> list[bytes]:
    """Return each chart as PNG, all in one go."""
    return list(_pictures(tuple(charts))) if charts else []


@lru_cache(maxsize=8)
def _pictures(charts: tuple[Drawing, ...]) -> tuple[bytes, ...]:
    folder = data_folder("templates") / "reports"
    made: Any = typst.compile(
        folder / "charts.typ",
        root=folder,
        font_paths=[folder / "fonts"],
        ignore_system_fonts=True,
        sys_inputs={"charts": json.dumps([asdict(one) for one in charts], ensure_ascii=False)},
        format="png",
        ppi=PPI,
    )
    return tuple(made) if isinstance(made, list) else (bytes(made),)
