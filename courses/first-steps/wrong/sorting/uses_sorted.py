def sort_numbers(numbers):
    ordenados = sorted(numbers)
    return ordenados
