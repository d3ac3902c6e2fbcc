"""What came from outside and does not fit, for a reason that stands among the words of the centre."""

from sync_protocol.errors import N_, BadInput


class Unusable(BadInput):
    """As its parent; words are looked for where the class of an error stands."""

    text = N_("%(what)s is not usable: %(reason)s Nothing was changed; correct it and try again.")
