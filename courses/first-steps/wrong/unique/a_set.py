def without_repeats(items):
    return list(sorted(set(items)))
