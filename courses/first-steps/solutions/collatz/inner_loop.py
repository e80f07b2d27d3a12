def steps(number):
    count = 0
    while number != 1:
        while number % 2 == 0:
            number //= 2
            count += 1
        if number != 1:
            number = number * 3 + 1
            count += 1
    return count
