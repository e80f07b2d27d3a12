class Account:
    def __init__(self):
        self.balance = 0

    def deposit(self, amount):
        balance = self.balance + amount

    def withdraw(self, amount):
        if amount > self.balance:
            raise ValueError("not enough money")
        self.balance -= amount
