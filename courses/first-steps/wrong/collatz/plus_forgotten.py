def steps(number):
    pasos = 0
    while number != 1:
        if number % 2 == 0:
            number //= 2
        else:
            number *= 3
        pasos += 1
    return pasos
