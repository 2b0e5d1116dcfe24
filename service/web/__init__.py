"""Pages and the HTTP API: parse, call one action, show."""
