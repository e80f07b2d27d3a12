numero = input()
for factor in range(1, 11):
    print(f"{numero} x {factor} = {numero * factor}")
