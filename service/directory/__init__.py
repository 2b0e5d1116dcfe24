"""Search and segments across people and their history."""
