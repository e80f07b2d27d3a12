def find(wanted, numbers):
    left = 0
    right = len(numbers) - 1
    while left <= right:
        middle = (left + right) // 2
        if numbers[middle] == wanted:
            return middle
        if numbers[middle] > wanted:
            left = middle + 1
        else:
            right = middle - 1
    return -1
