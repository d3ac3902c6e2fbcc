"""The recovery kit as one page that prints well: what it is for, how it is kept, how it is used, and its text as QR."""

from dataclasses import dataclass
from datetime import datetime

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined

from sync_protocol.errors import N_
from sync_protocol.messages import translated

QUIET_MODULES = 4
"""The white border that a scanner needs. Source: ISO/IEC 18004."""

LINE_CHARACTERS = 64
PACKAGE = "central_server"

TITLE = N_("Recovery kit of the central server")
LEAD = N_("With this sheet, its recovery code and a backup, the same centre is set up again on another machine.")
KEEP_TITLE = N_("How it is kept")
KEEP = (
    N_("Print this page now. Write the recovery code that the screen shows into the boxes, or on another sheet."),
    N_(
        "Keep the paper in a safe, in another building than the server. Who holds it and the code can read all backups."
    ),
    N_("Then delete this file from the server. Nobody can make this sheet again; a new one is made by: %(command)s"),
)
USE_TITLE = N_("When the server is lost")
USE = (
    N_("Take a new machine, install the program, and bring the newest backup file to it."),
    N_("Photograph the square code with a telephone and save its text as a file, or use the file of this page."),
    N_("Run: %(command)s"),
    N_("Type the recovery code when it is asked for. Start the centre under its old address."),
    N_("The desks' machines send again by themselves what is newer than the backup. Nobody has to visit them."),
)
CODE_TITLE = N_("Recovery code")
MADE = N_("Made at %(at)s · key %(key)s")
NEW_KIT = "central-server kit --out FILE"
RESTORE = "central-server restore BACKUP --kit FILE"
CODE_GROUPS, CODE_GROUP_CHARACTERS = 6, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class KitPage:
    """What stands on the sheet; `key_name` tells one kit from another, `text` is the kit itself."""

    text: str
    key_name: str
    made_at: datetime


def kit_html(page: KitPage) -> str:
    """The sheet as one HTML file that needs nothing else."""
    environment = Environment(
        loader=PackageLoader(PACKAGE, "paper"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("recovery_kit.html").render(
        title=_words(TITLE),
        lead=_words(LEAD),
        sections=[
            (_words(KEEP_TITLE), [_words(each, command=NEW_KIT) for each in KEEP]),
            (_words(USE_TITLE), [_words(each, command=RESTORE) for each in USE]),
        ],
        code_title=_words(CODE_TITLE),
        code_groups=CODE_GROUPS,
        code_group_characters=CODE_GROUP_CHARACTERS,
        qr=segno.make_qr(page.text, error="l").svg_inline(omitsize=True, border=QUIET_MODULES),
        lines=[page.text[at : at + LINE_CHARACTERS] for at in range(0, len(page.text), LINE_CHARACTERS)],
        made=_words(MADE, at=page.made_at, key=page.key_name),
    )


def _words(text: str, **values: object) -> str:
    """A text in Vietnamese: the sheet is read once, by whoever is there when the server is not."""
    return translated(text, values, "vi", PACKAGE)
