def position_of(wanted, items):
    posicion = 0
    for elemento in items:
        if elemento == wanted:
            return posicion
        posicion += 1
    return -1
