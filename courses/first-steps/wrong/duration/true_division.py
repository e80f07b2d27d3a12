def split_time(seconds):
    minutes = seconds / 60
    rest = seconds % 60
    return minutes, rest
