"""Retention, subject export and erasure: may look into every domain below."""
