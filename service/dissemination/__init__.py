"""Plan, indicators, disclosure control, snapshots and reports."""
