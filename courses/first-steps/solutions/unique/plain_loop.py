def without_repeats(items):
    """Return the items in their order, each only once."""
    result = []
    for item in items:
        if item not in result:
            result.append(item)
    return result
