def largest(numbers):
    """Return the largest of the numbers."""
