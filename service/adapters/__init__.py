"""Plugs to the outside world: relay, local mailbox."""
