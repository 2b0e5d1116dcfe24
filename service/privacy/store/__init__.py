"""The SQL of privacy, a file a subject: it may look into every table below."""
