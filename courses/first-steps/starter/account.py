class Account:
    """An account with some money on it."""
