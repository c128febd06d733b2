"""Hand-made messages and files of them: a case names only what it is about."""

from __future__ import annotations

from pathlib import Path

from pipeline.sources.hl7.reader import read
from pipeline.sources.records import Item, NotUnderstood, Record, Unreadable

PID = "PID|1||77^^^North^MR||Ash^Ada^May^^^^L||19500228|F|||1 Road^^Town^ST^12345|||||||900"


def message(kind: str, *segments: str, at: str = "20250228100000+0000", rest: str = "|1|P|2.5.1") -> str:
    """A message of one kind sent at one time; segments end with CR."""
    return "\r".join((f"MSH|^~\\&|ADT|North|||{at}||{kind}{rest}", *segments)) + "\r"


def visit(**fields: str) -> str:
    """A PV1 by the numbers of its fields (`f44`); an inpatient of Cardiology, visit V-1, unless told otherwise."""
    said = {"f1": "1", "f2": "I", "f3": "Cardiology^12^A^North Hospital", "f19": "V-1"} | fields
    return "PV1|" + "|".join(said.get(f"f{number}", "") for number in range(1, 46)).rstrip("|")


def result(value: str, code: str = "8867-4^Heart rate^LN", *, type_: str = "NM", unit: str = "/min", status: str = "F") -> str:
    return f"OBX|1|{type_}|{code}||{value}|{unit}|||||{status}|||20250228101000+0000"


def admission(at: str = "20250228100000+0000", **fields: str) -> str:
    return message("ADT^A01", "EVN||20250228100000+0000", PID, visit(f44="20250228100000+0000", **fields), at=at)


def file(folder: Path, *messages: str, encoding: str = "utf-8") -> Path:
    path = folder / "messages.hl7"
    path.write_bytes("".join(messages).encode(encoding))
    return path


def items(folder: Path, *messages: str) -> list[Item]:
    return list(read(file(folder, *messages)))


def rows(folder: Path, feed: str, *messages: str) -> list[dict[str, str]]:
    """The filled columns of each record of one feed."""
    found = (item for item in items(folder, *messages) if isinstance(item, Record) and item.feed == feed)
    return [{name: text for name, text in one.values.items() if text} for one in found]


def counted(folder: Path, *messages: str) -> list[tuple[str, str, int]]:
    return [(one.what, one.reason, one.count) for one in items(folder, *messages) if isinstance(one, NotUnderstood)]


def unreadable(folder: Path, *messages: str) -> list[tuple[int, str]]:
    return [(one.row, one.reason) for one in items(folder, *messages) if isinstance(one, Unreadable)]
