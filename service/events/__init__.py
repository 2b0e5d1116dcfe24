"""Projects, events and series: when, where, and what changed."""
