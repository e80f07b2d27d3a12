def in_common(first, second):
    both = []
    for item in first:
        if item in second:
            both.append(item)
    return both
