def split_time(seconds):
    minutes = int(seconds / 60)
    return (minutes, seconds - minutes * 60)
