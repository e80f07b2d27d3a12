def split_time(seconds):
    """Return the whole minutes and the seconds that are left."""
    minutes = seconds // 60
    rest = seconds % 60
    return minutes, rest
