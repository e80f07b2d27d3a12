def split_time(seconds):
    minutes = 0
    while seconds > 60:
        seconds = seconds - 60
        minutes = minutes + 1
    return minutes, seconds
