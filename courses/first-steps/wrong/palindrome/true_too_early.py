def is_palindrome(text):
    text = text.lower().replace(" ", "")
    for i in range(len(text) // 2):
        if text[i] != text[len(text) - 1 - i]:
            return False
        return True
