def without_repeats(items):
    nueva = []
    for elemento in items:
        if elemento not in items:
            nueva.append(elemento)
    return nueva
