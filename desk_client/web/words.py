"""The words of closed sets as the forms have them; English is the key of the catalogue."""

from sync_protocol.errors import N_
from sync_protocol.vocabulary import Cause, Channel, Declaration, DeliveryMethod, IdType, LimitUnit, OwnerType

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
