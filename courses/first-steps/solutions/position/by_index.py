def position_of(wanted, items):
    for i in range(len(items)):
        if items[i] == wanted:
            return i
    return -1
