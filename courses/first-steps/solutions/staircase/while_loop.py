def staircase(height):
    escalon = 1
    while escalon <= height:
        print("*" * escalon)
        escalon += 1
