def position_of(wanted, items):
    found = -1
    for i in range(len(items)):
        if items[i] == wanted:
            found = i
    return found
