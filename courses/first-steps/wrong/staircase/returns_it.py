def staircase(height):
    line = ""
    for i in range(height):
        line = line + "*"
    return line
