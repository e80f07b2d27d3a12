def largest(numbers):
    if len(numbers) == 0:
        raise ValueError("the list is empty")
    mayor = 0
    for numero in numbers:
        if numero > mayor:
            mayor = numero
    return mayor
