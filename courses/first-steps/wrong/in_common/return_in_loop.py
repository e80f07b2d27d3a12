def in_common(first, second):
    resultado = []
    for a in first:
        for b in second:
            if a == b and a not in resultado:
                resultado.append(a)
        return resultado
