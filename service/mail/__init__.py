"""Outbox, delivery ledger, rendering and suppression. Knows addresses, not people."""
