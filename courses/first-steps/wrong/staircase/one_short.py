def staircase(height):
    for step in range(1, height):
        print("*" * step)
