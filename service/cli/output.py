"""What the command line prints: words for people, JSON for programs."""

from __future__ import annotations

import json
from typing import Any

import typer


def say(sentence: str) -> None:
    """Print a sentence."""
    typer.echo(sentence)


def show(facts: dict[str, Any], sentence: str, *, as_json: bool) -> None:
    """Print facts as JSON, or the sentence."""
    typer.echo(json.dumps(facts, ensure_ascii=False, default=str) if as_json else sentence)
