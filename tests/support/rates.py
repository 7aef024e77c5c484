"""The rate of a series of times."""


def most_in_any(times: list[float], seconds: float) -> int:
    """The largest number of times in any interval of this length, its end excluded."""
    first, most = 0, 0
    for last, time in enumerate(times):
        while times[first] <= time - seconds:
            first += 1
        most = max(most, last + 1 - first)
    return most
