"""The words of what happens to a dossier: what can be done, what was done, and which key does it."""

from dataclasses import dataclass

from sync_protocol.errors import N_
from sync_protocol.vocabulary import DossierStage, EventKind, PaperForm

USUAL = {
    DossierStage.REGISTERED: EventKind.RECEIVE,
    DossierStage.RECEIVED: EventKind.RESOLVE,
    DossierStage.PROCESSING: EventKind.RESOLVE,
    DossierStage.AWAITING_SUPPLEMENT: EventKind.SUPPLEMENT_RECEIVED,
    DossierStage.AWAITING_PAYMENT: EventKind.PAYMENT_DONE,
    DossierStage.RESOLVED: EventKind.DELIVER,
}
"""What mostly happens next; it comes first, and F8 does it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWords:
    """A step in words.

    button  what a clerk presses; done: what is told afterwards, and in the history
    hint    what the step means, for who does it once a year
    key     the same one on every page, with Alt; digits, since letters belong to Telex
    """

    button: str
    done: str
    hint: str
    key: str = ""


STEPS = {
    EventKind.RECEIVE: StepWords(
        button=N_("Accept the dossier"),
        done=N_("Received at the desk"),
        hint=N_("The dossier was filed online. Accepted, it gets its code and its appointment, and counts."),
        key="1",
    ),
    EventKind.REFUSE_AT_DESK: StepWords(
        button=N_("Do not accept"),
        done=N_("Not accepted"),
        hint=N_("The dossier does not count, and the applicant gets the refusal with its reason."),
    ),
    EventKind.RESOLVE: StepWords(
        button=N_("Note the result"),
        done=N_("Result noted"),
        hint=N_("The result is ready and waits for its owner. A refusal after appraisal is a result too."),
        key="1",
    ),
    EventKind.DELIVER: StepWords(
        button=N_("Hand over the result"),
        done=N_("Result handed over"),
        hint=N_("Write who really took it, and how."),
        key="1",
    ),
    EventKind.FORWARD: StepWords(
        button=N_("Forward"),
        done=N_("Forwarded"),
        hint=N_("The dossier goes to an officer or an agency. A control slip goes with it."),
        key="2",
    ),
    EventKind.REQUEST_SUPPLEMENT: StepWords(
        button=N_("Ask for missing papers"),
        done=N_("Missing papers asked for"),
        hint=N_("Ask once, for all that is missing. The clock is held until the papers are here."),
        key="3",
    ),
    EventKind.SUPPLEMENT_RECEIVED: StepWords(
        button=N_("Take the missing papers"),
        done=N_("Missing papers received"),
        hint=N_(
            "The papers are complete now; the clock runs again and the citizen gets a slip with the new appointment."
        ),
        key="3",
    ),
    EventKind.SUPPLEMENT_EXPIRED: StepWords(
        button=N_("End the waiting for papers"),
        done=N_("Waiting for papers ended"),
        hint=N_("The papers did not come in time; the dossier is stopped."),
        key="4",
    ),
    EventKind.REQUEST_PAYMENT: StepWords(
        button=N_("Ask for a payment"),
        done=N_("Payment asked for"),
        hint=N_("The work goes on once the sum is paid; the clock is held until then."),
        key="4",
    ),
    EventKind.PAYMENT_DONE: StepWords(
        button=N_("Note the payment"),
        done=N_("Payment noted"),
        hint=N_("The sum is paid; the clock runs again."),
        key="4",
    ),
    EventKind.EXTEND: StepWords(
        button=N_("Extend with an apology"),
        done=N_("Appointment moved with an apology"),
        hint=N_("The appointment cannot be kept. Give the reason and a new day; the citizen gets a letter of apology."),
        key="5",
    ),
    EventKind.WITHDRAW: StepWords(
        button=N_("Note a withdrawal"),
        done=N_("Withdrawn by the applicant"),
        hint=N_("The applicant asks for the dossier back. It ends without a result."),
        key="6",
    ),
    EventKind.SEND_BACK: StepWords(
        button=N_("Send the dossier back"),
        done=N_("Sent back unprocessed"),
        hint=N_("The dossier goes back unprocessed. This is not the handing over of a result."),
    ),
    EventKind.STOP: StepWords(
        button=N_("Stop"),
        done=N_("Stopped"),
        hint=N_("The work on the dossier ends without a result."),
        key="7",
    ),
    EventKind.CORRECT: StepWords(
        button=N_("Correct"),
        done=N_("Corrected"),
        hint=N_("Change what was typed wrongly. What stood there before stays in the history."),
        key="8",
    ),
    EventKind.RATE: StepWords(
        button=N_("Note a rating"),
        done=N_("Rated by the citizen"),
        hint=N_("Turn the screen to the citizen; one press is enough."),
        key="9",
    ),
    EventKind.VOID: StepWords(
        button=N_("Take out of the counts"),
        done=N_("Taken out of every count"),
        hint=N_("For a dossier entered twice or as a test. It stays in the file, and counts nowhere."),
    ),
}
"""In the order in which a page offers them."""

DONE = {kind: words.done for kind, words in STEPS.items()} | {
    EventKind.REGISTER: N_("Filed online"),
    EventKind.PRINT: N_("Printed"),
    EventKind.SETTLE: N_("Settled what two machines entered differently"),
    EventKind.ERASE: N_("Content erased by order"),
}
"""What the history says of each event."""

RARE = frozenset(
    {
        EventKind.REFUSE_AT_DESK,
        EventKind.WITHDRAW,
        EventKind.SEND_BACK,
        EventKind.STOP,
        EventKind.SUPPLEMENT_EXPIRED,
        EventKind.VOID,
    }
)
"""Steps that end a dossier without a result; they stand apart, so that none is pressed by mistake."""

PAPERS = {
    PaperForm.RECEIPT: N_("Slip"),
    PaperForm.SUPPLEMENT_REQUEST: N_("Supplement request"),
    PaperForm.REFUSAL: N_("Refusal"),
    PaperForm.APOLOGY: N_("Letter of apology"),
    PaperForm.CONTROL_SLIP: N_("Control slip"),
    PaperForm.STOP_NOTICE: N_("Stop notice"),
}
"""The forms of a dossier by the names that clerks have for them."""
