def sort_numbers(numbers):
    if len(numbers) < 2:
        return list(numbers)
    middle = len(numbers) // 2
    left = sort_numbers(numbers[:middle])
    right = sort_numbers(numbers[middle:])
    merged = []
    while left and right:
        if left[0] <= right[0]:
            merged.append(left.pop(0))
        else:
            merged.append(right.pop(0))
    return merged + left + right
