"""Duties: what can be due, claimed, done and recorded."""
