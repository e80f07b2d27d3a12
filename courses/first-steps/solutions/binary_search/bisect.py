from bisect import bisect_left


def find(wanted, numbers):
    place = bisect_left(numbers, wanted)
    if place < len(numbers) and numbers[place] == wanted:
        return place
    return -1
