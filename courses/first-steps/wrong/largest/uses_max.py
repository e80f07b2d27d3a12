def largest(numbers):
    if not numbers:
        raise ValueError("no numbers")
    return max(numbers)
