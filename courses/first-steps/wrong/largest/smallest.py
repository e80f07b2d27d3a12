def largest(numbers):
    if not numbers:
        raise ValueError("no numbers")
    best = numbers[0]
    for number in numbers:
        if number < best:
            best = number
    return best
