def group_by_initial(words):
    grupos = {}
    for palabra in words:
        inicial = palabra[0]
        if inicial not in grupos:
            grupos[inicial] = []
        grupos[inicial].append(palabra)
        return grupos
