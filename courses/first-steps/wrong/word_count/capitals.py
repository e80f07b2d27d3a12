def count_words(text):
    veces = {}
    for palabra in text.split():
        veces[palabra] = veces.get(palabra, 0) + 1
    return veces
