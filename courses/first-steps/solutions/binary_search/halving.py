def find(wanted, numbers):
    """Return the place of wanted in the sorted numbers, or -1."""
    left = 0
    right = len(numbers) - 1
    while left <= right:
        middle = (left + right) // 2
        if numbers[middle] == wanted:
            return middle
        if numbers[middle] < wanted:
            left = middle + 1
        else:
            right = middle - 1
    return -1
