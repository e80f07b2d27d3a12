suma = 0
while True:
    texto = input()
    if not texto:
        break
    suma = suma + int(texto)
print(suma)
