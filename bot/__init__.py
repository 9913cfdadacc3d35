"""The way into SP4N-LAPOR! by message."""
