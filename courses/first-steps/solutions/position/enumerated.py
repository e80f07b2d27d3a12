def position_of(wanted, items):
    """Return the place of the first item that equals wanted, or -1."""
    for position, item in enumerate(items):
        if item == wanted:
            return position
    return -1
