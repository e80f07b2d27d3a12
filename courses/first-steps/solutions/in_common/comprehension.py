def in_common(first, second):
    return [item for item in set(first) if item in second]
