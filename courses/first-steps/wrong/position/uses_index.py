def position_of(wanted, items):
    if wanted in items:
        return items.index(wanted)
    return -1
