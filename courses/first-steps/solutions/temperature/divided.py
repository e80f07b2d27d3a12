def celsius(fahrenheit):
    grados = (fahrenheit - 32) / 1.8
    return grados
