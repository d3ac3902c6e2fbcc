"""The text that a report begins with when one of it was published or prepared before: what people wrote is not lost.

Sentence by sentence: a sentence that stands as it was made of the earlier figures is made anew of those of now; one
that a person has written or changed is kept word for word; one that a person has struck out stays out. Where people
wrote over a sentence, it is not made anew beside theirs. A sentence that only the figures of now make is added where
it stands in their text. Numbers in kept sentences are then none of the report's, unless it has them too, and are
marked as such (`by_hand`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from central_server.reports.by_hand import NUMBER

PARTING = re.compile(r"((?<=[.!?…])(?<!\b[A-ZĐ]\.)(?<!\b[A-ZĐ]{2}\.)[ \t]+|\n+)")
"""Between sentences: behind a full stop that ends no abbreviation of a name (*TP. Vĩnh Yên*), or a new line."""


ALIKE = 0.5
"""Sentences with fewer of their words in common than this share tell other things."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence, and what parts it from the one before."""

    parting: str
    words: str


@dataclass(frozen=True, slots=True)
class _Anew:
    """What is made now, by the place of sentences that were made before: in place of each, and added before each."""

    instead: Mapping[int, _Sentence]
    added: Mapping[int, Sequence[_Sentence]]


def carried(made: str, text: str, made_now: str) -> str:
    """The text to begin with.

    made, text  the earlier text as it was made of its figures, and as people left it
    made_now    the text of the figures of now
    """
    before, left = _sentences(made), _sentences(text)
    anew = _anew(before, _sentences(made_now))
    told: list[_Sentence] = []
    for tag, start, end, left_start, left_end in _steps(_words(before), _words(left)):
        if tag != "equal":
            told += left[left_start:left_end]
        for place in range(start, end):
            told += anew.added.get(place, ())
            if tag == "equal" and place in anew.instead:
                told.append(_Sentence(left[left_start + place - start].parting, anew.instead[place].words))
    told += anew.added.get(len(before), ())
    return "".join(each.parting + each.words for each in told).strip()


def kept(made: str, begun: str, text: str) -> Sequence[str]:
    """The sentences of a text that it began with and that were not made of the figures: those that were carried."""
    own, first = set(_words(_sentences(made))), set(_words(_sentences(begun)))
    return [words for words in _words(_sentences(text)) if words in first - own]


def _anew(before: Sequence[_Sentence], now: Sequence[_Sentence]) -> _Anew:
    """Sentences that are alike but for numbers and names are one; the others stand before the next that is."""
    pairs = _alike(_patterns(before), _patterns(now))
    added: dict[int, Sequence[_Sentence]] = {}
    start = 0
    for place, place_now in [*pairs, (len(before), len(now))]:
        added[place] = now[start:place_now]
        start = place_now + 1
    return _Anew(instead={place: now[place_now] for place, place_now in pairs}, added=added)


def _alike(before: Sequence[str], now: Sequence[str]) -> Sequence[tuple[int, int]]:
    """Places of sentences that are one another's, in the order of both, as alike in all as can be."""
    best: dict[tuple[int, int], tuple[float, Sequence[tuple[int, int]]]] = {}
    nothing: tuple[float, Sequence[tuple[int, int]]] = (0.0, ())
    for place, each in enumerate(before):
        for place_now, other in enumerate(now):
            choices = [best.get((place - 1, place_now), nothing), best.get((place, place_now - 1), nothing)]
            if (likeness := _likeness(each, other)) >= ALIKE:
                sum_, pairs = best.get((place - 1, place_now - 1), nothing)
                choices.append((sum_ + likeness, (*pairs, (place, place_now))))
            best[place, place_now] = max(choices, key=lambda choice: choice[0])
    return best.get((len(before) - 1, len(now) - 1), nothing)[1]


def _likeness(one: str, other: str) -> float:
    """The share of their words that both have."""
    words, others = set(one.split()), set(other.split())
    return len(words & others) / len(words | others)


def _steps(before: Sequence[str], after: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes()


def _sentences(text: str) -> Sequence[_Sentence]:
    cut = ["\n", *PARTING.split(text.strip())]
    return [_Sentence(parting, words) for parting, words in zip(cut[::2], cut[1::2], strict=True) if words]


def _words(sentences: Sequence[_Sentence]) -> Sequence[str]:
    return [" ".join(each.words.split()) for each in sentences]


def _patterns(sentences: Sequence[_Sentence]) -> Sequence[str]:
    return [NUMBER.sub("#", words) for words in _words(sentences)]
