class Account:
    """An account with some money on it."""

    def __init__(self):
        self.balance = 0

    def deposit(self, amount):
        """Put money on the account."""
        self.balance += amount

    def withdraw(self, amount):
        """Take money from the account, if there is enough."""
        if amount > self.balance:
            raise ValueError("not enough money")
        self.balance -= amount
