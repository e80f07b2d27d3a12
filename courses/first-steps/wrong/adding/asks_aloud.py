total = 0
line = input("Number: ")
while line != "":
    total += int(line)
    line = input("Number: ")
print(total)
