"""Places to forward confirmed reports to."""
