def find(wanted, numbers):
    """Return the place of wanted in the sorted numbers, or -1."""
