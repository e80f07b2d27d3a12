def total_expenses(path):
    total = 0.0
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip():
                parts = line.split(",")
                total += int(parts[1])
    return total
