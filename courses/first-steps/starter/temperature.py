def celsius(fahrenheit):
    """Return the temperature in degrees Celsius."""
