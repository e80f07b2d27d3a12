def total_expenses(path):
    """Return the sum of the amounts in the file."""
