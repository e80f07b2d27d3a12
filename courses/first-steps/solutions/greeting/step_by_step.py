def greet(name):
    message = "Hello, "
    message += name
    message += "!"
    return message
