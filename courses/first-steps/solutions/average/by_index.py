def average(numbers):
    total = 0
    for i in range(0, len(numbers)):
        total = total + numbers[i]
    return total / len(numbers)
