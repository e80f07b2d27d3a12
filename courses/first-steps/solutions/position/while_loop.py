def position_of(wanted, items):
    i = 0
    while i < len(items) and items[i] != wanted:
        i += 1
    if i == len(items):
        return -1
    return i
