FREEZING = 32
RATIO = 5 / 9


def celsius(fahrenheit):
    degrees = fahrenheit - FREEZING
    degrees = degrees * RATIO
    return degrees
