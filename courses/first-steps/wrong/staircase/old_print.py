def staircase(height):
    for step in range(1, height + 1):
        print "*" * step
