"""The tables of dissemination, by noun."""
