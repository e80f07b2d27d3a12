def read_numbers():
    numbers = []
    line = input()
    while line:
        numbers.append(int(line))
        line = input()
    return numbers


print(sum(read_numbers()))
