def without_repeats(items):
    for item in items:
        if items.count(item) > 1:
            items.remove(item)
    return items
