def total_expenses(path):
    """Return the sum of the amounts in the file."""
    total = 0.0
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip():
                _, amount = line.split(",")
                total += float(amount)
    return total
