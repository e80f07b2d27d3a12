def is_palindrome(text):
    letras = [c for c in text.lower() if c != " "]
    izquierda = 0
    derecha = len(letras) - 1
    while izquierda < derecha:
        if letras[izquierda] != letras[derecha]:
            return False
        izquierda += 1
        derecha -= 1
    return True
