def average(numbers):
    suma = 0
    cantidad = 0
    for numero in numbers:
        suma = suma + numero
        cantidad = cantidad + 1
    promedio = suma / cantidad
    return promedio
