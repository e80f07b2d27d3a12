def celsius(fahrenheit):
    above_freezing = fahrenheit - 32
    return above_freezing * 5 / 9
