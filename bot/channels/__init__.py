"""Adapters to providers: one module a channel, one line in the registry."""
