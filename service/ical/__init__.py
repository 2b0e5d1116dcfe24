"""RFC 5545, 5546 and 6047 values, to bytes and back. Pure."""
