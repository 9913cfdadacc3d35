"""The way into SP4N-LAPOR! by message."""

VERSION = "0.1.0"
"""That of pyproject.toml."""
