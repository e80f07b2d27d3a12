def average(numbers):
    """Return the average of the numbers."""
