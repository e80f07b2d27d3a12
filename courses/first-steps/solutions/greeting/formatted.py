def greet(name):
    saludo = "Hello, {}!"
    return saludo.format(name)
