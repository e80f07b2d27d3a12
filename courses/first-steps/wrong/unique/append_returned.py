def without_repeats(items):
    result = []
    for item in items:
        if item not in result:
            result = result.append(item)
    return result
