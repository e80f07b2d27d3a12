def steps(number):
    pasos = 0
    while number > 1:
        number = number // 2 if number % 2 == 0 else 3 * number + 1
        pasos = pasos + 1
    return pasos
