def sort_numbers(numbers):
    resultado = numbers[:]
    for i in range(len(resultado)):
        for j in range(len(resultado) - 1 - i):
            if resultado[j] > resultado[j + 1]:
                resultado[j] = resultado[j + 1]
                resultado[j + 1] = resultado[j]
    return resultado
