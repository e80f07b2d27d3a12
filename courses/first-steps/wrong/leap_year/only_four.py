def is_leap(year):
    if year % 4 == 0:
        return True
    else:
        return False
