number = int(input())
for factor in range(1, 10):
    print(f"{number} x {factor} = {number * factor}")
