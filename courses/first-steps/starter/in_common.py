def in_common(first, second):
    """Return what is in both lists, each only once, in any order."""
