def table(number):
    for i in range(10):
        yield str(number) + " x " + str(i + 1) + " = " + str(number * (i + 1))


for line in table(int(input())):
    print(line)
