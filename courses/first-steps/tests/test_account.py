import pytest
from account import Account


def test_two_accounts_do_not_share_their_money():
    mine, yours = Account(), Account()
    mine.deposit(10)
    assert mine.balance == 10
    assert yours.balance == 0


def test_a_refused_withdrawal_takes_nothing():
    account = Account()
    account.deposit(10)
    with pytest.raises(ValueError):
        account.withdraw(11)
    assert account.balance == 10


def test_many_movements():
    account = Account()
    for amount in range(1, 11):
        account.deposit(amount)
    account.withdraw(55)
    assert account.balance == 0
