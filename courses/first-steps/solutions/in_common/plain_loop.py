def in_common(first, second):
    """Return what is in both lists, each only once, in any order."""
    both = []
    for item in first:
        if item in second and item not in both:
            both.append(item)
    return both
