def count_words(text):
    """Return a dictionary that says how often each word occurs."""
