"""What every floor may use: clock, ids, errors, tokens, text."""
