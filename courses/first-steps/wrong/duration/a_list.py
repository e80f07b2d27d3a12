def split_time(seconds):
    minutes = seconds // 60
    rest = seconds - minutes * 60
    return [minutes, rest]
