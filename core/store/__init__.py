"""The core's MongoDB database: the only package of the core that knows motor."""
