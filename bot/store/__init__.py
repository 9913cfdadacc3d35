"""The only package that imports motor."""
