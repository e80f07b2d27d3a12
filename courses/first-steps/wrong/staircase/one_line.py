def staircase(height):
    for fila in range(height):
        for columna in range(fila + 1):
            print("*", end="")
    print()
