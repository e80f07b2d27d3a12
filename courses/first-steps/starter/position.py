def position_of(wanted, items):
    """Return the place of the first item that equals wanted, or -1."""
