def average(numbers):
    total = 0
    for n in numbers:
        total = total + n
    print(total / len(numbers))
