"""Staff, roles, sign-in links, sessions and API keys."""
