def without_repeats(items):
    vistos = set()
    nueva = []
    for elemento in items:
        if elemento in vistos:
            continue
        vistos.add(elemento)
        nueva.append(elemento)
    return nueva
