def steps(number):
    """Return how many steps it takes to reach 1."""
