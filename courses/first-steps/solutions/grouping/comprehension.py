def group_by_initial(words):
    initials = [word[0] for word in words]
    return {letter: [word for word in words if word[0] == letter] for letter in initials}
