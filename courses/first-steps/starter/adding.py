# Read numbers until an empty line, then print their sum.
