"""Seed data: a folder of files, loaded through the same actions as a user's own."""
