def steps(number):
    count = 0
    while number != 1:
        if number % 2 == 0:
            number = number // 2
        if number % 2 == 1:
            number = 3 * number + 1
        count += 1
    return count
