def sort_numbers(numbers):
    """Return a new list with the numbers in order."""
    result = []
    for number in numbers:
        place = 0
        while place < len(result) and result[place] < number:
            place += 1
        result.insert(place, number)
    return result
