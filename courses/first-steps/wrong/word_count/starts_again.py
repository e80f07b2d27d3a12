def count_words(text):
    for palabra in text.lower().split():
        veces = {}
        veces[palabra] = veces.get(palabra, 0) + 1
    return veces
