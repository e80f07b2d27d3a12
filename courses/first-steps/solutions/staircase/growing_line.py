def staircase(height):
    line = ""
    for _ in range(height):
        line = line + "*"
        print(line)
