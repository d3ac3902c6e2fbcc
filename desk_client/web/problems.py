"""What is wrong with a field, in the clerk's words and saying what to do.

A check without words of its own says something general ("This is too long."); a clerk gets the advice of the field in
its place. Checks that have words of their own say what to do already, and these are translated as they stand.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from desk_client.web.speech import gettext
from sync_protocol.errors import N_
from sync_protocol.schemas import GENERAL_TEXTS
from sync_protocol.texts import BadText

FILLED_BAD_TEXT = re.compile(re.sub(r"%\\\((\w+)\\\)[sd]", r"(?P<\1>\\S+)", re.escape(BadText.text)))
"""Finds the values in that text after it was filled in."""

ADVICE = {
    "procedure_code": N_("Choose the procedure: type a part of its name or its code, then pick it from the list."),
    "submitter_name": N_("Type the full name of the person who hands it in, 2 to 150 characters."),
    "owner_name": N_("Type the full name of the owner, 2 to 150 characters."),
    "owner_type": N_("Choose what the owner is."),
    "id_type": N_("Choose the kind of paper, or leave its number empty."),
    "id_number": N_("Type the number of the paper, at most 20 characters, or leave it empty."),
    "phone": N_("Type one phone number, or leave it empty."),
    "address_text": N_("Type the address in at most 500 characters."),
    "channel": N_("Choose how the dossier was handed in."),
    "delivery_method": N_("Choose how the result is to be handed over."),
    "set_count": N_("Type the number of sets, from 1 to 999."),
    "received_on": N_("Type the day of reception as day/month/year, such as 04/10/2021 or 0410."),
    "received_time": N_("Type the time of reception as hour:minute, such as 08:15 or 0815."),
    "authorisation": N_("Type the paper of authorisation in at most 500 characters, or leave it empty."),
    "birth_date": N_(
        "Type the date of birth as day/month/year, such as 05/09/1985, or only the year; or leave it empty."
    ),
    "sex": N_("Choose the sex, or leave it open."),
    "email": N_("Type one e-mail address, or leave it empty."),
    "summary": N_("Type the summary in at most 500 characters."),
    "copy_count": N_("Type the number of copies, a whole number of at most 4 digits, or leave it empty."),
    "page_count": N_("Type the number of pages, a whole number of at most 4 digits, or leave it empty."),
    "fee_amount_vnd": N_("Type the fee in đồng, digits only, such as 50000; or leave it empty."),
    "payment_status": N_("Choose how far the payment is, or leave it open."),
    "payment_method": N_("Choose how it was paid, or leave it open."),
    "storage_location": N_("Type the shelf or the box in at most 100 characters, or leave it empty."),
    "competent_unit": N_("Type the name of the agency in at most 150 characters, or leave it empty."),
    "components": N_("Name each paper, and type how many there are as whole numbers of at most 4 digits."),
    "reason": N_("Say why the dossier is not accepted, in at most 500 characters."),
}
OTHER_ADVICE = N_("Correct this field.")

SHOWN_AT = {"received_at": "received_on", "happened_at": "happened_on"}
"""Fields of the use case that the form shows under another name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A field of the form and what to do about it, translated."""

    field: str
    text: str


def problems_shown(
    problems: Mapping[str, Iterable[str]],
    fields: Iterable[str],
    advice: Mapping[str, str] = ADVICE,
    shown_at: Mapping[str, str] = SHOWN_AT,
) -> list[Problem]:
    """The problems of a form, one a field, in the order of its fields.

    advice    what to do about each field; shown_at: fields that the form shows under another name
    """
    shown = {shown_at.get(name, name): list(texts) for name, texts in problems.items()}
    order = [name for name in fields if name in shown]
    return [Problem(field=name, text=_text(name, shown[name], advice)) for name in order]


def _text(field: str, texts: list[str], advice: Mapping[str, str]) -> str:
    own = [_own_text(text) for text in texts if text not in GENERAL_TEXTS]
    return " ".join(own) or gettext(advice.get(field, OTHER_ADVICE))


def _own_text(text: str) -> str:
    """A text of ours in the language of the page; the one with values arrives filled in and is opened again."""
    match = FILLED_BAD_TEXT.fullmatch(text)
    if match is None:
        return gettext(text)
    return gettext(BadText.text) % {"code_point": match["code_point"], "position": int(match["position"])}
