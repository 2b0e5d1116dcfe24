"""Paths that hold an identifier, told from those that hold a name: `/events/{event_id:identifier}`."""

from __future__ import annotations

from starlette.convertors import Convertor, register_url_convertor

from service.kernel.ids import ALPHABET, LENGTH


class IdentifierConvertor(Convertor[str]):
    """Matches one of our identifiers and nothing else."""

    regex = f"[{ALPHABET}]{{{LENGTH}}}"

    def convert(self, value: str) -> str:
        """Return the identifier."""
        return value

    def to_string(self, value: str) -> str:
        """Return the path's part."""
        return value


register_url_convertor("identifier", IdentifierConvertor())
