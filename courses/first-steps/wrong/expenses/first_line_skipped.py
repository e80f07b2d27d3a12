def total_expenses(path):
    suma = 0.0
    archivo = open(path, encoding="utf-8")
    lineas = archivo.readlines()
    archivo.close()
    for linea in lineas[1:]:
        partes = linea.strip().split(",")
        if len(partes) == 2:
            suma = suma + float(partes[1])
    return suma
