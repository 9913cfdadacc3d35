"""The reference routing core: a program of its own. Never imports, and is never imported by, the bot."""
