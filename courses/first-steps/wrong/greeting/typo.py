def greet(name):
    mensaje = f"Hello, {name}!"
    return mensage
