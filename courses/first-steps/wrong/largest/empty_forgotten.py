def largest(numbers):
    """Return the largest of the numbers."""
    best = numbers[0]
    for i in range(1, len(numbers)):
        if numbers[i] > best:
            best = numbers[i]
    return best
