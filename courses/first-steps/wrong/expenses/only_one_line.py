def total_expenses(path):
    total = 0.0
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip():
                _, amount = line.split(",")
                total += float(amount)
            return total
