"""The words of closed sets as the forms have them; English is the key of the catalogue."""

from desk_client.services.row_taking import Outcome
from desk_client.services.warning import Oddity
from desk_client.sheets.columns import Field
from desk_client.web.bulk_form import Handing
from sync_protocol.errors import N_
from sync_protocol.identities import Sex
from sync_protocol.vocabulary import (
    Cause,
    Channel,
    Declaration,
    DeliveryMethod,
    IdType,
    LimitUnit,
    OwnerType,
    PaymentMethod,
    PaymentStatus,
    Source,
)

CHANNELS = {
    Channel.DIRECT: N_("In person"),
    Channel.ONLINE: N_("Online"),
    Channel.POST: N_("By public post"),
}

DELIVERY_METHODS = {
    DeliveryMethod.COUNTER: N_("At the desk"),
    DeliveryMethod.POST: N_("By public post"),
    DeliveryMethod.ONLINE: N_("Online"),
}

OWNER_TYPES = {
    OwnerType.CITIZEN: N_("Citizen"),
    OwnerType.BUSINESS: N_("Business"),
    OwnerType.STATE_AGENCY: N_("State agency"),
    OwnerType.ORGANISATION: N_("Other organisation"),
    OwnerType.OTHER: N_("Other owner"),
}

ID_TYPES = {
    IdType.CCCD: N_("Citizen's identity card (CCCD)"),
    IdType.CMND: N_("Old identity card (CMND)"),
    IdType.PASSPORT: N_("Passport"),
    IdType.TAX_CODE: N_("Tax code"),
    IdType.OTHER: N_("Other paper"),
}

LIMITS = {
    LimitUnit.SAME_DAY: N_("the same day"),
    LimitUnit.HOUR: N_("%(value)s hours"),
    LimitUnit.HALF_DAY: N_("%(value)s half days"),
    LimitUnit.WORKING_DAY: N_("%(value)s working days"),
    LimitUnit.CALENDAR_DAY: N_("%(value)s days"),
}

DECLARATIONS = {
    Declaration.COMPLETE: N_("All dossiers of the period are entered"),
    Declaration.NIL: N_("No dossier arose in the period"),
}

CAUSES = {
    Cause.NO_NETWORK: N_("No network"),
    Cause.MACHINE_BROKEN: N_("The machine was broken"),
    Cause.STAFF: N_("Too few staff"),
    Cause.NOTHING_AROSE: N_("Nothing arose"),
    Cause.OTHER_SOFTWARE: N_("Entered in other software"),
    Cause.OTHER: N_("Another cause"),
}

SEXES = {
    Sex.MALE: N_("Male"),
    Sex.FEMALE: N_("Female"),
}

PAYMENT_STATUSES = {
    PaymentStatus.UNPAID: N_("Not paid"),
    PaymentStatus.PENDING: N_("Waiting to be paid"),
    PaymentStatus.PAID: N_("Paid"),
    PaymentStatus.REFUNDED: N_("Paid back"),
    PaymentStatus.CANCELLED: N_("Payment called off"),
}

PAYMENT_METHODS = {
    PaymentMethod.CASH: N_("In cash"),
    PaymentMethod.NON_CASH: N_("Without cash"),
}

FEES = {
    "per_page": N_("%(amount)s đ a page"),
    "per_copy": N_("%(amount)s đ a copy"),
    "per_case": N_("%(amount)s đ a case"),
    "per_document": N_("%(amount)s đ a document"),
    "per_transaction": N_("%(amount)s đ a transaction"),
}
"""What a fee is paid for, as the lists of limits have it; of other words only the amount is told."""

HANDINGS = {
    Handing.NOW: N_("Hand over now"),
    Handing.LATER: N_("By appointment"),
}

ODDITIES = {
    Oddity.TELEX_RESIDUE: N_("This name may hold keys of Telex that did not become marks. If it is right, go on."),
    Oddity.UNKNOWN_PROVINCE: N_("The first three digits are not of a province. If the card says so, go on."),
    Oddity.OTHER_SEX: N_("The number says another sex. Compare it with the card."),
    Oddity.OTHER_BIRTH_YEAR: N_("The number says another year of birth. Compare it with the card."),
    Oddity.OLD_MOBILE: N_("Mobile numbers of 11 digits ended in 2018; ask for the new number."),
    Oddity.DUPLICATE: N_(
        "The same procedure was entered for the same owner on this day. If this is another one, go on."
    ),
    Oddity.SAME_ROW: N_("The same person stands in row %(row)s. If these are two dossiers, go on."),
    Oddity.AHEAD_OF_CLOCK: N_(
        "The time of reception lies ahead of the clock; the dossier is kept with a mark. "
        "Check the date of this machine."
    ),
}
"""What is told of an oddity; none of them keeps a dossier from being saved."""

SOURCES = {
    Source.IMPORT: N_("Dossiers of other software, such as the province's own export"),
    Source.OPENING: N_("Dossiers that were open when this program was introduced"),
}

OUTCOMES = {
    Outcome.NEW: N_("New"),
    Outcome.CHANGED: N_("Changed"),
    Outcome.UNCHANGED: N_("As before"),
    Outcome.REFUSED: N_("To be corrected"),
}

FIELDS = {
    Field.DOSSIER_CODE: N_("Dossier code"),
    Field.EXTERNAL_CODE: N_("Code in other software"),
    Field.PROCEDURE_CODE: N_("Procedure code"),
    Field.PROCEDURE_NAME: N_("Procedure name"),
    Field.SUMMARY: N_("Summary"),
    Field.SUBMITTER_NAME: N_("Submitter"),
    Field.OWNER_NAME: N_("Owner"),
    Field.OWNER_TYPE: N_("Kind of owner"),
    Field.ID_TYPE: N_("Kind of identity paper"),
    Field.ID_NUMBER: N_("Number of the paper"),
    Field.BIRTH_DATE: N_("Date of birth"),
    Field.SEX: N_("Sex"),
    Field.PHONE: N_("Phone"),
    Field.EMAIL: N_("E-mail"),
    Field.ADDRESS_TEXT: N_("Address"),
    Field.CHANNEL: N_("Way of handing in"),
    Field.DELIVERY_METHOD: N_("Way of handing over"),
    Field.SET_COUNT: N_("Sets"),
    Field.RECEIVED_AT: N_("Day received"),
    Field.DUE_ON: N_("Appointment"),
    Field.RESOLVED_AT: N_("Day of the result"),
    Field.DELIVERED_AT: N_("Day handed over"),
    Field.DELIVERED_TO: N_("Taken by"),
    Field.STAGE: N_("Stage"),
    Field.RESULT_NUMBER: N_("Number of the result"),
    Field.FEE_AMOUNT_VND: N_("Fee (đồng)"),
    Field.STORAGE_LOCATION: N_("Place on the shelf"),
    Field.COPY_COUNT: N_("Copies"),
    Field.COMPETENT_UNIT: N_("Deciding agency"),
    Field.RECEIVED_BY: N_("Received by"),
}
