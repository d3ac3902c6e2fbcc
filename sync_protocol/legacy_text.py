"""Recognises names and texts whose letters were lost: old Vietnamese fonts, and UTF-8 read by another table.

Old fonts drew Vietnamese over the code points of Western Europe: TCVN3 (.VnTime) one letter for one letter, VNI
(VNI-Times) a vowel followed by the letter that stands for its marks. In any other font "Nguyễn" is seen as "NguyÔn"
or "Nguyeãn". The tables serve only to recognise such text. It is refused and never converted, since a wrong guess
would change somebody's name. Sources: TCVN 5712:1993, third set of codes; the VNI-Windows set of codes.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from string import ascii_letters

from sync_protocol.texts import TONES

TCVN3 = dict(
    zip(
        "¡¢£¤¥¦§¨©ª«¬\u00ad®¸µ¶·¹¾»¼½ÆÊÇÈÉËÐÌÎÏÑÕÒÓÔÖÝ×ØÜÞãßáâäèåæçéíêëìîóïñòôøõö÷ùýúûüþ",
        "ăâêôơưđăâêôơưđáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ",
        strict=True,
    )
)
"""What a TCVN3 font draws. Its fonts of capitals hold capitals at the same places."""

TONE_MARKS = "\u0300\u0301\u0309\u0303\u0323"
VNI_LETTERS = str.maketrans("ñôöæóòî", "đơưỉĩịỵ")
VNI_MARKS: dict[str, str] = {
    **dict(zip("øùûõï", TONE_MARKS, strict=True)),
    **dict(zip("âàáåãä", ("\u0302" + tone for tone in ("", *TONE_MARKS)), strict=True)),
    **dict(zip("êèéúüë", ("\u0306" + tone for tone in ("", *TONE_MARKS)), strict=True)),
}
VNI_PIECE = re.compile(f"([aeouyôö])([{''.join(VNI_MARKS)}])|([a-zñôöæóòîíì])|.")
"""A vowel with its mark, or a letter that stands for itself or for another one."""

LAST_WESTERN = "\u00ff"
"""Letters after it come from a Unicode font only."""

WORD = re.compile(r"[A-Za-z\u00a1-\u1fff]+")
ABBREVIATION = re.compile(r"[A-ZĐ]+|[a-z]")
UNLIKE_CASE = re.compile(r"[a-z][A-ZÀ-ÖØ-Þ]")
"""A capital after a small letter: nobody writes so, but a font's code points fall so."""

OLD_STROKE = str.maketrans("Ðð", "Đđ")
"""The Icelandic letters that old Unicode texts have for Đ and đ."""

WESTERN_SIGNS = {ord(bytes([code]).decode("cp1252", "ignore") or chr(code)): code for code in range(0x80, 0xA0)}
"""Where Windows-1252 has signs in place of control characters; its five places without one stand for themselves."""

ONSET = "b|ch?|d|đ|gh?|gi|h|kh?|l|m|n|ngh?|nh|ph?|qu(?!o)|r|s|th?|tr|v|x"
BARE_RHYME = "a|e|ê|i|o|ô|ơ|u|ư|y|oa|oe|uê|uy|uơ"
"""Rhymes that may bear their tone on the last letter."""

RHYME = f"""
    {BARE_RHYME}|[aă](?:[cmnpt]|ng)|a(?:ch|nh|[iouy])|â(?:[cmnptuy]|ng)|e(?:[cmnopt]|ng)|ê(?:[mnptu]|ng|ch|nh)
    |i(?:[amnptu]|ch|nh)|[iy]ê(?:[cmnptu]|ng)|o(?:[cimnpt]|ng)|oo(?:c|ng)|ô(?:[cimnpt]|ng)|ơ(?:[cimnpt]|ng)
    |oa(?:[cimnopty]|ng|ch|nh)|oă(?:[cmnt]|ng)|oe[not]|u(?:[acimnpt]|ng)|uâ(?:[nty]|ng)|uê(?:[nt]|ch|nh)
    |uô(?:[cimnt]|ng)|uy(?:[anptu]|ch|nh)|uyê[nt]|ư(?:[acimntu]|ng)|ươ(?:[cimnptu]|ng)|y(?:t|ch|nh)
"""
SYLLABLE = re.compile(f"(?:{ONSET})?(?:{RHYME})", re.VERBOSE)
"""Sounds of Vietnamese without their tones; rare ones may be missing."""

BARE_SYLLABLE = re.compile(f"(?:{ONSET})?(?:{BARE_RHYME})")

WRONG_TONE = re.compile("[b-df-hj-np-tv-xzđ][\u0300-\u0323]|[\u0300\u0303\u0309][^c]*(?:ch?|p|t)$")
"""A tone on a consonant, or one of those that no syllable with a stop at its end has; in decomposed text."""


def is_legacy_font(text: str) -> bool:
    """Whether a text was typed in a TCVN3 or VNI font, and so shows other letters than were meant.

    A word speaks for it that is no Vietnamese syllable as it stands, but one as the old font draws it. A word speaks
    against it that is neither. Real Vietnamese is never taken for it, names of foreigners and of minorities hardly
    ever; text whose words all happen to be syllables as they stand ("Dòng" for "Dũng") is missed.
    Ask before `texts.normalised`, which drops the soft hyphen that TCVN3 draws as ư. Raises nothing.
    """
    if text.isascii():
        return False
    words = WORD.findall(text)
    return any(_speaks_for(words, decoded) for decoded in (_as_tcvn3, _as_vni))


def is_misread_utf8(text: str) -> bool:
    """Whether a text is UTF-8 whose bytes were read as Western letters: "Nguyá»…n" for "Nguyễn". Raises nothing."""
    try:
        text.translate(WESTERN_SIGNS).encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return False
    return not text.isascii()


def _speaks_for(words: list[str], decoded: Callable[[str], str]) -> bool:
    """Whether more words are Vietnamese only in an old font than are of a Unicode font or of another language."""
    balance = 0
    for word in words:
        if _is_syllable(word) or ABBREVIATION.fullmatch(word):
            balance -= any(letter > LAST_WESTERN for letter in word)
        else:
            balance += 1 if _is_syllable(decoded(word)) else -1
    return balance > 0


@lru_cache(maxsize=4_096)
def _is_syllable(word: str) -> bool:
    """Whether a word is written as one syllable of Vietnamese, with at most one tone, on a letter that may bear it."""
    if UNLIKE_CASE.search(word):
        return False
    letters = unicodedata.normalize("NFD", word.translate(OLD_STROKE).lower())
    toneless = "".join(letter for letter in letters if letter not in TONES)
    if len(letters) - len(toneless) > 1 or WRONG_TONE.search(letters):
        return False
    form = BARE_SYLLABLE if letters[-1] in TONES else SYLLABLE
    return form.fullmatch(unicodedata.normalize("NFC", toneless)) is not None


def _as_tcvn3(word: str) -> str:
    """A word as a TCVN3 font shows it, "?" for what it does not hold; a sign by itself ("·") is no word."""
    if len(word) == 1:
        return "?"
    return "".join(letter.lower() if letter in ascii_letters else TCVN3.get(letter, "?") for letter in word)


def _as_vni(word: str) -> str:
    """A word as a VNI font shows it, "?" for what it does not hold."""
    return "?" if UNLIKE_CASE.search(word) else VNI_PIECE.sub(_vni_letter, word.lower())


def _vni_letter(piece: re.Match[str]) -> str:
    vowel, mark, letter = piece.groups()
    if vowel:
        return str(vowel).translate(VNI_LETTERS) + VNI_MARKS[mark]
    return str(letter).translate(VNI_LETTERS) if letter else "?"
