def group_by_initial(words):
    """Return a dictionary from each first letter to the list of its words."""
    groups = {}
    for word in words:
        initial = word[0]
        if initial not in groups:
            groups[initial] = []
        groups[initial].append(word)
    return groups
