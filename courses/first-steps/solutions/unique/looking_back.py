def without_repeats(items):
    result = []
    for i in range(len(items)):
        if items[i] not in items[:i]:
            result += [items[i]]
    return result
