def sort_numbers(numbers):
    """Return a new list with the numbers in order."""
