def average(numbers):
    position = 0
    total = 0
    while position < len(numbers):
        total += numbers[position]
        position += 1
    return total / position
