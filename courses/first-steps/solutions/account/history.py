class Account:
    def __init__(self):
        self.movements = []

    @property
    def balance(self):
        return sum(self.movements)

    def deposit(self, amount):
        self.movements.append(amount)

    def withdraw(self, amount):
        if self.balance < amount:
            raise ValueError("saldo insuficiente")
        self.movements.append(-amount)
