def largest(numbers):
    """Return the largest of the numbers."""
    if not numbers:
        raise ValueError("there is no largest of no numbers")
    best = numbers[0]
    for number in numbers:
        if number > best:
            best = number
    return best
