"""Farsow: events and seminars, the people invited to them, and what came of it."""

__version__ = "0.1.0"
