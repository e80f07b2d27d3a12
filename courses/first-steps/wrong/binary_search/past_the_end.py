def find(wanted, numbers):
    inicio = 0
    fin = len(numbers)
    while inicio <= fin:
        medio = (inicio + fin) // 2
        if numbers[medio] == wanted:
            return medio
        elif numbers[medio] < wanted:
            inicio = medio + 1
        else:
            fin = medio - 1
    return -1
