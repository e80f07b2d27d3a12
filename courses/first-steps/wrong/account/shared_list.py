class Account:
    movimientos = []

    @property
    def balance(self):
        return sum(self.movimientos)

    def deposit(self, amount):
        self.movimientos.append(amount)

    def withdraw(self, amount):
        if amount > self.balance:
            raise ValueError("saldo insuficiente")
        self.movimientos.append(-amount)
