def is_leap(year):
    """Tell whether the year has a 29th of February."""
