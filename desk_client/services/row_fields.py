"""What a row of another system says of the fields of a dossier."""

from collections.abc import Mapping
from typing import Any

from desk_client.sheets.advice import Remark
from desk_client.sheets.columns import Field
from desk_client.sheets.moments import Moment
from sync_protocol.dossier_codes import BadDossierCode, parse_code
from sync_protocol.errors import N_
from sync_protocol.packs import Packs
from sync_protocol.schemas import IntakeSchema
from sync_protocol.texts import folded
from sync_protocol.vocabulary import Channel, DeliveryMethod, OwnerType

Said = Mapping[str, Any]
"""The values of a row as JSON, the form in which they are remembered and compared."""

INTAKE_FIELDS = frozenset(IntakeSchema().fields)
NOT_TAKEN = frozenset({Field.RECEIVED_BY})
"""Columns that are known and not taken: an entry names the person who recorded it here, never anybody else."""

DEFAULTS: Said = {
    "owner_type": OwnerType.CITIZEN.value,
    "channel": Channel.DIRECT.value,
    "delivery_method": DeliveryMethod.COUNTER.value,
    "set_count": 1,
}
"""What is needed of a dossier and most registers do not say."""

SEVERAL_PROCEDURES = ""
"""Stands for a name that several procedures bear."""

NO_PROCEDURE = N_("No procedure of this desk has this name or code. Correct it, or ask the province to add it.")
UNCLEAR_PROCEDURE = N_("Several procedures have this name. Add a column with the code of the procedure.")
NO_NAME = N_("There is neither a submitter nor an owner. Fill in a name.")


class UnclearRow(Exception):
    """A row that cannot be taken as it stands, with what to do about it; it never leaves the import."""

    def __init__(self, field: Field, text: str, **values: object) -> None:
        self.remark = Remark(field=field, text=text, values=values)
        super().__init__(text)


def as_said(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a row as `sheets` reads them, in the form of `Said`: moments as their day and minute."""
    return {
        str(name): [value.on.isoformat(), value.at.isoformat("minutes") if value.at else None]
        if isinstance(value, Moment)
        else value
        for name, value in values.items()
    }


def text_of(said: Said, name: Field) -> str:
    """A value as text, "" where the row says nothing."""
    return str(said.get(name) or "")


def printed_code(said: Said) -> str:
    """The code on the slip, "" where there is none or it is of another form than ours."""
    code = text_of(said, Field.DOSSIER_CODE).upper()
    try:
        parse_code(code)
    except BadDossierCode:
        return ""
    return code


def external_code(said: Said) -> str:
    """The code in the other system: its own column, or a code on the slip that is of another form than ours."""
    return text_of(said, Field.EXTERNAL_CODE) or ("" if printed_code(said) else text_of(said, Field.DOSSIER_CODE))


def procedures_by_name(packs: Packs) -> dict[str, str]:
    """Codes by folded name, SEVERAL_PROCEDURES where the name is not enough."""
    codes: dict[str, str] = {}
    for each in packs.procedures.values():
        name = folded(each.name)
        codes[name] = SEVERAL_PROCEDURES if name in codes else each.code
    return codes


def fields_of(said: Said, procedures: Mapping[str, str]) -> dict[str, Any]:
    """What a row says of the fields of the intake; its procedure by code, or by a name that only one bears."""
    fields = {name: value for name, value in said.items() if name in INTAKE_FIELDS}
    if code := external_code(said):
        fields["external_code"] = code
    if procedure_code := fields.get("procedure_code") or procedures.get(_procedure_name(said)):
        fields["procedure_code"] = procedure_code
    return fields


def reception_of(said: Said, procedures: Mapping[str, str], held: Mapping[str, Any]) -> dict[str, Any]:
    """All that is needed to open a dossier: of submitter and owner, one stands for both where only one is named.

    held  what is known of one that was filed online, {} for one that is new
    Raises UnclearRow.
    """
    fields = dict(DEFAULTS) | {name: value for name, value in held.items() if name in INTAKE_FIELDS}
    fields |= fields_of(said, procedures)
    name = fields.get("submitter_name") or fields.get("owner_name")
    if not name:
        raise UnclearRow(Field.SUBMITTER_NAME, NO_NAME)
    if "procedure_code" not in fields:
        is_unclear = procedures.get(_procedure_name(said)) == SEVERAL_PROCEDURES
        raise UnclearRow(Field.PROCEDURE_CODE, UNCLEAR_PROCEDURE if is_unclear else NO_PROCEDURE)
    return {"submitter_name": name, "owner_name": name} | fields


def _procedure_name(said: Said) -> str:
    return folded(text_of(said, Field.PROCEDURE_NAME))
