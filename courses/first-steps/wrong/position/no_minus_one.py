def position_of(wanted, items):
    for position, item in enumerate(items):
        if item == wanted:
            return position
