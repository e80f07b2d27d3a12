numero = int(input())
lineas = []
for factor in range(1, 11):
    lineas.append(f"{numero} x {factor} = {numero * factor}")
print("\n".join(lineas))
