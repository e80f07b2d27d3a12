def celsius(fahrenheit):
    degrees = (fahrenheit - 32) * 5 / 9
