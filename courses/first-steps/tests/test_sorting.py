from sorting import sort_numbers


def test_many_numbers():
    numbers = [(7 * n) % 101 for n in range(100)]
    assert sort_numbers(numbers) == sorted(numbers)


def test_repeated_numbers_all_stay():
    assert sort_numbers([2, 1, 2, 1, 2]) == [1, 1, 2, 2, 2]


def test_the_list_that_was_given_stays_as_it_was():
    numbers = [3, 1, 2]
    sort_numbers(numbers)
    assert numbers == [3, 1, 2]
