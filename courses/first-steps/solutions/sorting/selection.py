def sort_numbers(numbers):
    pendientes = list(numbers)
    ordenados = []
    while pendientes:
        menor = min(pendientes)
        pendientes.remove(menor)
        ordenados.append(menor)
    return ordenados
