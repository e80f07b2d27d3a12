def largest(numbers):
    if numbers == []:
        raise ValueError("nothing to compare")
    if len(numbers) == 1:
        return numbers[0]
    middle = len(numbers) // 2
    left = largest(numbers[:middle])
    right = largest(numbers[middle:])
    if left > right:
        return left
    return right
