def group_by_initial(words):
    grupos = {}
    for palabra in words:
        grupos.setdefault(palabra[-1], []).append(palabra)
    return grupos
