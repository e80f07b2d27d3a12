def split_time(seconds):
    minutes = 0
    while seconds >= 60:
        minutes += 1
    return minutes, seconds
