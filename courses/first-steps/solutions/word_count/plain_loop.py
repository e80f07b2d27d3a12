def count_words(text):
    """Return a dictionary that says how often each word occurs."""
    counts = {}
    for word in text.lower().split():
        if word in counts:
            counts[word] += 1
        else:
            counts[word] = 1
    return counts
