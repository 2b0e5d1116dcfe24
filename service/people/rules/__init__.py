"""Rules of people, a file a subject. Pure."""
