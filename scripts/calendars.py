#!/usr/bin/env python3
"""Writes the calendars that baigong-schedule ships: crates/schedule/data/*.txt.

Run it once a year, when the exchanges and the State Council have published the next year and the two packages
know it, and review the difference like code:

    python3 -m venv .venv && .venv/bin/pip install exchange_calendars chinesecalendar
    .venv/bin/python scripts/calendars.py 2015 2026

exchange_calendars (Apache-2.0) knows the sessions of the exchanges, chinesecalendar (MIT) the mainland's holidays,
their names and the weekends that are worked to make up for them. Only dates and names are taken; NOTICE says so.
"""
import datetime
import importlib.metadata
import pathlib
import sys

import chinese_calendar
import exchange_calendars
import pandas

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "crates/schedule/data"


def days(first, last):
    return (first + datetime.timedelta(n) for n in range((last - first).days + 1))


def mainland_name(day):
    """What the country itself calls it."""
    name = chinese_calendar.get_holiday_detail(day)[1]
    return chinese_calendar.Holiday(name).chinese if name else ""


def names_of(calendar, first, last):
    """The names of the exchange's regular holidays; those decided year by year have none."""
    if calendar.name == "XSHG":
        return {day: mainland_name(day) for day in days(first, last)}
    named = calendar.regular_holidays.holidays(pandas.Timestamp(first), pandas.Timestamp(last), return_name=True)
    return {when.date(): name for when, name in named.items()}


def exchange(code, first, last):
    calendar = exchange_calendars.get_calendar(code, start=str(first), end=str(last))
    sessions = {session.date() for session in calendar.sessions}
    assert all(day.weekday() < 5 for day in sessions), f"{code}: a session on a weekend needs a line of its own"
    assert max(sessions).year == last.year, f"{code}: the package does not know {last.year} yet"
    names = names_of(calendar, first, last)
    closed = [day for day in days(first, last) if day.weekday() < 5 and day not in sessions]
    return [("off", day, names.get(day, "")) for day in closed]


def mainland(first, last):
    rows = []
    for day in days(first, last):
        is_off = chinese_calendar.is_holiday(day)
        if is_off and (day.weekday() < 5 or mainland_name(day)):
            rows.append(("off", day, mainland_name(day)))
        elif not is_off and day.weekday() >= 5:
            rows.append(("work", day, mainland_name(day)))
    return rows


def write(file, source, rows, first, last):
    groups = {}
    for kind, day, name in rows:
        groups.setdefault((day.year, kind, name), []).append(day.strftime("%m%d"))
    version = importlib.metadata.version(source)
    lines = [f"# Made by scripts/calendars.py from {source} {version}. Weekends are off unless they stand here.",
             f"known {first.year} {last.year}"]
    lines += [f"{year} {kind} {name}: {' '.join(dates)}".replace(" :", ":") for (year, kind, name), dates in groups.items()]
    (FOLDER / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{file}: {len(rows)} days")


def main():
    first, last = datetime.date(int(sys.argv[1]), 1, 1), datetime.date(int(sys.argv[2]), 12, 31)
    for code in ("XSHG", "XHKG", "XNYS"):
        write(f"{code.lower()}.txt", "exchange_calendars", exchange(code, first, last), first, last)
    write("mainland.txt", "chinesecalendar", mainland(first, last), first, last)


if __name__ == "__main__":
    main()
