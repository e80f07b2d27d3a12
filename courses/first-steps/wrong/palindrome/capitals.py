def is_palindrome(text):
    letters = text.replace(" ", "")
    return letters == letters[::-1]
