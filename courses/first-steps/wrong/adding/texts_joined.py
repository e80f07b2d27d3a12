suma = ""
while True:
    texto = input()
    if not texto:
        break
    suma = suma + texto
print(suma)
