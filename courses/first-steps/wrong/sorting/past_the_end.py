def sort_numbers(numbers):
    result = numbers[:]
    for i in range(len(result)):
        for j in range(len(result)):
            if result[j] > result[j + 1]:
                result[j], result[j + 1] = result[j + 1], result[j]
    return result
