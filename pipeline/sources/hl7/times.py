"""Times of HL7 v2, `YYYYMMDDHHMMSS+ZZZZ` or less of it, as UTC text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from pipeline.sources.hl7.segments import Parsed

A_TIME = re.compile(r"(?P<date>[12]\d{7})(?:(?P<clock>\d{4})(?P<seconds>\d\d)?(?:\.\d+)?)?(?P<zone>[+-]\d{4})?", re.ASCII)
FARTHEST_MINUTES = 15 * 60
PART_OF_A_DATE = re.compile(r"([12]\d{3})(\d\d)?", re.ASCII)


@dataclass(frozen=True)
class Clock:
    """Reads the times of one message: one without an offset is in that of MSH-7, and without that on the hospital's clock."""

    zone: tzinfo

    @classmethod
    def of(cls, message: Parsed, time_zone: str) -> Clock:
        matched = A_TIME.fullmatch(message.header.text(7))
        return cls((_offset(matched["zone"]) if matched else None) or ZoneInfo(time_zone))

    def utc(self, sent: str) -> str:
        """`YYYY-MM-DD HH:MM:SS` in UTC; a date alone stays one, and what is no time stays as it was sent."""
        matched = A_TIME.fullmatch(sent)
        if matched is None:
            return sent
        if matched["clock"] is None:
            return date(sent)
        zone = _offset(matched["zone"]) if matched["zone"] else self.zone
        if zone is None:
            return sent
        try:
            local = datetime.strptime(matched["date"] + matched["clock"] + (matched["seconds"] or "00"), "%Y%m%d%H%M%S")
            instant = local.replace(tzinfo=zone).astimezone(UTC)
        except (ValueError, OverflowError):
            return sent
        return f"{instant:%Y-%m-%d %H:%M:%S}"


def date(sent: str) -> str:
    """`YYYY-MM-DD` of a time, `YYYY-MM` or `YYYY` where no more was sent; anything else as it was sent."""
    if matched := A_TIME.fullmatch(sent):
        day = matched["date"]
        return f"{day[:4]}-{day[4:6]}-{day[6:]}"
    if matched := PART_OF_A_DATE.fullmatch(sent):
        return "-".join(part for part in matched.groups() if part)
    return sent


def _offset(said: str | None) -> tzinfo | None:
    """None for no offset and for one that no place has."""
    if said is None:
        return None
    minutes = int(said[1:3]) * 60 + int(said[3:5])
    return timezone(timedelta(minutes=minutes if said[0] == "+" else -minutes)) if minutes < FARTHEST_MINUTES else None
