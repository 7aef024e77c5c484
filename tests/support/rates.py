"""How dense a row of times is."""


def most_in_any(times: list[float], seconds: float) -> int:
    """How many lie in one stretch of that length at most, its end not included."""
    first, most = 0, 0
    for last, time in enumerate(times):
        while times[first] <= time - seconds:
            first += 1
        most = max(most, last + 1 - first)
    return most
