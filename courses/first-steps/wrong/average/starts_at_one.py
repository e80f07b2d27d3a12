def average(numbers):
    suma = 1
    for numero in numbers:
        suma += numero
    return suma / len(numbers)
