def staircase(height):
    for i in range(height):
        print("*" * i)
