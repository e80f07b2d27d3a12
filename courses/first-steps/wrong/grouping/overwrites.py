def group_by_initial(words):
    groups = {}
    for word in words:
        initial = word[0]
        groups[initial] = [word]
    return groups
