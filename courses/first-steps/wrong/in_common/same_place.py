def in_common(first, second):
    resultado = []
    for i in range(len(first)):
        if first[i] == second[i] and first[i] not in resultado:
            resultado.append(first[i])
    return resultado
