"""One person and one event: letter, reply, seat, attendance."""
