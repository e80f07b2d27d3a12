def sort_numbers(numbers):
    result = list(numbers)
    for j in range(len(result) - 1):
        if result[j] > result[j + 1]:
            result[j], result[j + 1] = result[j + 1], result[j]
    return result
