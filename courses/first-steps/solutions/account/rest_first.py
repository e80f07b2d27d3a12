class Account:
    balance = 0

    def deposit(self, amount):
        self.balance = self.balance + amount

    def withdraw(self, amount):
        resto = self.balance - amount
        if resto < 0:
            raise ValueError("no hay suficiente dinero")
        self.balance = resto
