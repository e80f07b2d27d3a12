def is_palindrome(text):
    letras = text.lower().replace(" ", "")
      al_reves = letras[::-1]
    return letras == al_reves
