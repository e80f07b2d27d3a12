from pathlib import Path


def total_expenses(path):
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    amounts = [float(line.split(",")[1]) for line in lines if line.strip()]
    return sum(amounts, 0.0)
