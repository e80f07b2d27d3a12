suma = 0
linea = input()
while linea != "":
    linea = input()
    suma += int(linea)
print(suma)
