def without_repeats(items):
    return list(dict.fromkeys(items))
