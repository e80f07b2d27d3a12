def in_common(first, second):
    return list(set(first) | set(second))
