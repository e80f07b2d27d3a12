def is_leap(year):
    bisiesto = "False"
    if year % 400 == 0:
        bisiesto = "True"
    elif year % 4 == 0 and year % 100 != 0:
        bisiesto = "True"
    return bisiesto
