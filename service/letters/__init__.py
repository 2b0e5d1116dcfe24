"""Which letter is due to whom, and what it says to one person."""
