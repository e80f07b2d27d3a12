def group_by_initial(words):
    groups = {}
    for word in words:
        initial = word[0]
        if initial not in groups:
            groups[initial] = []
        groups[initial] += word
    return groups
