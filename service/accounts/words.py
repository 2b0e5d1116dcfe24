"""What staff read in the mail that signs them in."""

from __future__ import annotations

from service.accounts.rules import LINK_LIFETIME

SIGN_IN_SUBJECT = "Your link to sign in to Farsow"


def sign_in_text(link: str) -> str:
    """Return the letter's text."""
    minutes = int(LINK_LIFETIME.total_seconds() // 60)
    return (
        "Hello,\n\n"
        f"this link signs you in once, within the next {minutes} minutes:\n\n"
        f"{link}\n\n"
        "If you did not ask for it, do nothing: without the link nobody gets in.\n"
        "Nobody who works with you will ever ask you for it.\n"
    )
