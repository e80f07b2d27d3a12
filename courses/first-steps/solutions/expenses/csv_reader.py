import csv


def total_expenses(path):
    total = 0.0
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            if row:
                total = total + float(row[1])
    return total
