total = 0
line = input()
while line != "":
    total += int(line)
print(total)
