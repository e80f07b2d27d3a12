def staircase(height):
    """Print a staircase of stars."""
