def find(wanted, numbers):
    inicio = 0
    fin = len(numbers)
    while inicio < fin:
        medio = (inicio + fin) // 2
        if numbers[medio] < wanted:
            inicio = medio + 1
        else:
            fin = medio
    if inicio < len(numbers) and numbers[inicio] == wanted:
        return inicio
    return -1
