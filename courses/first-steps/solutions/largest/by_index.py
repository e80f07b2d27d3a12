def largest(numbers):
    if len(numbers) == 0:
        raise ValueError("the list is empty")
    mayor = numbers[0]
    for i in range(1, len(numbers)):
        if numbers[i] > mayor:
            mayor = numbers[i]
    return mayor
