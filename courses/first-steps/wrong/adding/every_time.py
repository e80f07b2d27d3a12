total = 0
line = input()
while line != "":
    total += int(line)
    line = input()
    print(total)
