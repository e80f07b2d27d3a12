def steps(number):
    pasos = 0
    while number > 0:
        if number % 2 == 0:
            number = number // 2
        else:
            number = number * 3 + 1
        pasos = pasos + 1
    return pasos
