def find(wanted, numbers):
    return find_between(wanted, numbers, 0, len(numbers) - 1)


def find_between(wanted, numbers, low, high):
    if low > high:
        return -1
    middle = (low + high) // 2
    if numbers[middle] == wanted:
        return middle
    if numbers[middle] > wanted:
        return find_between(wanted, numbers, low, middle - 1)
    return find_between(wanted, numbers, middle + 1, high)
