def split_time(seconds):
    return divmod(seconds, 60)
