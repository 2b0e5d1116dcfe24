"""Placeholder while the real one is being written."""
from typing import Any
def forget(*a: Any, **k: Any) -> Any: raise NotImplementedError
def export_subject(*a: Any, **k: Any) -> Any: raise NotImplementedError
def as_json(held: Any) -> bytes: raise NotImplementedError
