class Account:
    def __init__(self):
        self.balance = 0

    def deposit(self, amount):
        self.balance += amount

    def can_pay(self, amount):
        return self.balance >= amount

    def withdraw(self, amount):
        if not self.can_pay(amount):
            raise ValueError(f"cannot pay {amount}")
        self.deposit(-amount)
