def split_time(seconds):
    minutos = 0
    while seconds >= 60:
        seconds -= 60
        minutos += 1
    return minutos, seconds
