def staircase(height):
    """Print a staircase of stars."""
    for step in range(1, height + 1):
        print("*" * step)
