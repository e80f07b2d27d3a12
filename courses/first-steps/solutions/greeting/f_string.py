def greet(name):
    """Return a greeting for the person with this name."""
    return f"Hello, {name}!"
