def split_time(seconds):
    minutos = seconds // 60
    resto = seconds % 60
    return resto, minutos
