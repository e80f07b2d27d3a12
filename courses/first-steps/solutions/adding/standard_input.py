import sys

total = 0
for line in sys.stdin:
    if line.strip() == "":
        break
    total += int(line)
print(total)
