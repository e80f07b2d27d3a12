def split_time(seconds):
    """Return the whole minutes and the seconds that are left."""
