# Read a number and print its table from 1 to 10.
