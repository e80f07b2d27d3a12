def is_palindrome(text):
    forward = ""
    backward = ""
    for letter in text.lower():
        if letter != " ":
            forward = forward + letter
            backward = letter + backward
    return forward == backward
