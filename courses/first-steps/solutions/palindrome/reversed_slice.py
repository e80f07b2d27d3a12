def is_palindrome(text):
    """Tell whether the text reads the same from both ends."""
    letters = text.lower().replace(" ", "")
    return letters == letters[::-1]
