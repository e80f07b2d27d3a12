"""Milepost: a language server that knows what its user is trying to achieve."""

__version__ = "0.1.0"
