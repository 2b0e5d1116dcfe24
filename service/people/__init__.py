"""Persons, organisations, audiences, mailing lists and consent."""
