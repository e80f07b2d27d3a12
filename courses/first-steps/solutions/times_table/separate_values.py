number = int(input())
product = 0
for factor in range(1, 11):
    product += number
    print(number, "x", factor, "=", product)
