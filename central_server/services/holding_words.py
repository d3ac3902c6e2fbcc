"""Why an entry is set aside, in words for a supervisor; English is the key of the catalogue."""

from sync_protocol.errors import N_
from sync_protocol.messages import Language, translated

REASONS = {
    "bad_payload": N_("Its content does not fit its kind: the desk has to enter it again."),
    "illegal_transition": N_("It does not fit to how its dossier stands: the desk has to compare it with the papers."),
    "unknown_dossier": N_("Its dossier has not arrived; it counts by itself once that comes."),
    "unknown_kind": N_("It was made by a newer program; it counts by itself once the centre is updated."),
    "device_revoked": N_("Its machine was suspended, lost, replaced or retired: a person decides whether it counts."),
    "gap": N_("What its machine entered before it has not arrived; it counts by itself once that comes."),
    "device_pending": N_("Its machine waits to be approved; it counts once somebody approves the machine."),
}
OTHER = N_("The centre's program met a fault of its own (%(reason)s); it is judged again after the repair.")


def reason_words(reason: str, language: Language) -> str:
    """A reason in a language; one that nobody foresaw with its name."""
    if reason in REASONS:
        return translated(REASONS[reason], {}, language, "central_server")
    return translated(OTHER, {"reason": reason}, language, "central_server")
