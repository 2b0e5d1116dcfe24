"""The values of dissemination, by noun."""
