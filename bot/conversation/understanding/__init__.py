"""What a text says: places, days, kind, category."""
