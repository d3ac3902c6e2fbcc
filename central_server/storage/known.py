"""What is known of a device, as far as a judgement reads it, and the rows in which it is remembered. Pure.

A row says what was known from a moment on. A contact after which nothing but its own instants is new adds no row: it
lengthens the last one by these, as a beat.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import orjson

from sync_protocol.vocabulary import DeviceId, DeviceState

BEATS_MAX = 120
"""So many contacts lengthen a row before the next one begins another: at one in five minutes, a long day's."""

BEAT = struct.Struct("<iii")
"""Heard, stated and covered until, each in milliseconds after the row's own moment; NEVER where there is no instant."""

NEVER = -(2**31)
MOMENTS = 1_000
"""Moments in a millisecond, so that changes in one keep their order."""

INSTANTS = ("heard_at", "stated_at", "covered_until")
"""What every contact of the present epoch moves."""

Instants = tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What an epoch of a device has said; the instants are those of the table of devices, or of branches.

    unsent   dossiers that it stated it holds back, less what has arrived since, by day of reception
    missing  of an epoch that is left: the first and the last sequence that it stated and that has not come
    """

    epoch: int
    heard_at: datetime | None
    stated_at: datetime | None
    covered_until: datetime | None
    left_at: datetime | None
    leaves_open: bool = True
    unsent: Mapping[date, int] = field(default_factory=dict)
    missing: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a device: the word of its present epoch, and of those beside it."""

    id: DeviceId
    state: DeviceState
    enrolled_at: datetime
    present: Word
    beside: Sequence[Word] = ()

    @property
    def words(self) -> list[Word]:
        """Its words, each as of a machine of its own: the present one, and those beside it that may miss something.

        That is a restored or copied machine as it was before, or as its twin is.
        """
        return [self.present, *(word for word in self.beside if word.left_at is None or word.leaves_open)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """From when on that was known of a device; `is_only_contact` where no more than its instants is new."""

    at: datetime
    known: Known
    is_only_contact: bool


def written(known: Known) -> str:
    """What is known of a device as a row holds it."""
    return orjson.dumps(_content(known)).decode()


def lengthened(known: Known, moment: int, facts: str, beats: bytes) -> bytes | None:
    """The beats of a device's last row with a contact more; None where more is new than that, or the row is full."""
    stood, stands = orjson.loads(facts), _content(known)
    if stood | _instants(()) != stands | _instants(()) or len(beats) >= BEATS_MAX * BEAT.size:
        return None
    latest = [*_beats(moment, beats)][-1] if beats else tuple(stood[name] for name in INSTANTS)
    instants = tuple(stands[name] for name in INSTANTS)
    if instants == latest:
        return beats
    offsets = [NEVER if at is None else at - moment // MOMENTS for at in instants]
    return beats + BEAT.pack(*offsets) if all(NEVER <= each < -NEVER for each in offsets) else None


def read_at(at: datetime, id_: DeviceId, moment: int, facts: str, beats: bytes) -> Known:
    """What a row says of a device at an instant, which is not before its moment."""
    bound = milliseconds(at)
    heard = [beat for beat in _beats(moment, beats) if (beat[0] or 0) <= bound]
    content = orjson.loads(facts)
    return _known(id_, content | _instants(heard[-1]) if heard else content)


def read_all(id_: DeviceId, moment: int, facts: str, beats: bytes) -> Iterator[Learnt]:
    """All that a row says of a device, in order."""
    content = orjson.loads(facts)
    yield Learnt(at=instant_of(moment), known=_known(id_, content), is_only_contact=False)
    for beat in _beats(moment, beats):
        known = _known(id_, content | _instants(beat))
        yield Learnt(at=instant(beat[0] or 0), known=known, is_only_contact=True)


def milliseconds(at: datetime) -> int:
    """An instant as the tables hold it."""
    return round(at.timestamp() * 1000)


def first_moment(at: datetime) -> int:
    """The first moment of the millisecond of an instant."""
    return milliseconds(at) * MOMENTS


def last_moment(at: datetime) -> int:
    """The last moment of the millisecond of an instant."""
    return first_moment(at) + MOMENTS - 1


def instant_of(moment: int) -> datetime:
    """The instant of a moment."""
    return instant(moment // MOMENTS)


def _beats(moment: int, beats: bytes) -> Iterator[Instants]:
    begun = moment // MOMENTS
    for offsets in BEAT.iter_unpack(beats):
        yield tuple(None if each == NEVER else begun + each for each in offsets)


def _instants(beat: Instants) -> dict[str, int | None]:
    return dict(zip(INSTANTS, beat or (None,) * len(INSTANTS), strict=True))


def _content(known: Known) -> dict[str, Any]:
    content = {"state": known.state.value, "enrolled_at": milliseconds(known.enrolled_at)} | _said(known.present)
    return content | ({"beside": [_said(each) for each in known.beside]} if known.beside else {})


def _said(word: Word) -> dict[str, Any]:
    instants = {name: getattr(word, name) for name in (*INSTANTS, "left_at")}
    return {
        "epoch": word.epoch,
        **{name: None if at is None else milliseconds(at) for name, at in instants.items()},
        "leaves_open": word.leaves_open,
        "unsent": {day.isoformat(): count for day, count in sorted(word.unsent.items())},
        **({"missing": list(word.missing)} if word.missing else {}),
    }


def _known(id_: DeviceId, content: Mapping[str, Any]) -> Known:
    return Known(
        id=id_,
        state=DeviceState(content["state"]),
        enrolled_at=instant(content["enrolled_at"]),
        present=_word(content),
        beside=[_word(each) for each in content.get("beside", ())],
    )


def _word(content: Mapping[str, Any]) -> Word:
    instants = {name: content[name] for name in (*INSTANTS, "left_at")}
    return Word(
        epoch=content["epoch"],
        **{name: None if ms is None else instant(ms) for name, ms in instants.items()},
        leaves_open=content["leaves_open"],
        unsent={date.fromisoformat(day): count for day, count in content["unsent"].items()},
        missing=(content["missing"][0], content["missing"][1]) if "missing" in content else None,
    )


def instant(ms: int) -> datetime:
    """An instant that the tables hold."""
    return datetime.fromtimestamp(ms / 1000, UTC)
