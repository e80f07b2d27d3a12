def steps(number):
    visited = [number]
    while visited[-1] != 1:
        last = visited[-1]
        if last % 2:
            visited.append(last * 3 + 1)
        else:
            visited.append(last // 2)
    return len(visited) - 1
