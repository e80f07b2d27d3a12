def average(numbers):
    """Return the average of the numbers."""
    total = 0
    for number in numbers:
        total += number
    return total / len(numbers)
