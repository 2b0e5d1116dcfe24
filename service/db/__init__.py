"""Engine, one transaction a request, and the column types."""
