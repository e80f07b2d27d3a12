def group_by_initial(words):
    """Return a dictionary from each first letter to the list of its words."""
