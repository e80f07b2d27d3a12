def celsius(fahrenheit):
    resultado = (fahrenheit - 32) * 9 / 5
    return resultado
