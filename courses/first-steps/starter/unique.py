def without_repeats(items):
    """Return the items in their order, each only once."""
