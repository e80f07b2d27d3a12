def largest(numbers):
    result = None
    for n in numbers:
        if result is None or n > result:
            result = n
    if result is None:
        raise ValueError("empty list")
    return result
