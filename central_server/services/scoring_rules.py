"""Loading the numbers that the province has set otherwise than the circular about scoring, each from a day on."""

from datetime import datetime
from decimal import Decimal, InvalidOperation

from central_server.reports.scoring_rules import NAMES, NUMBER_MAX, RuleSet, rules_on
from central_server.services.lines import Line
from central_server.storage import scoring
from sync_protocol.errors import N_


def load_scoring_rules(lines: list[Line], now: datetime) -> None:
    """Numbers of scoring, each from its day on and with the decision that it rests on."""
    for line in lines:
        valid_from, source = line.day("valid_from"), line.cells["source"]
        if line.cells["name"] not in NAMES:
            raise line.bad(N_("there is no rule of this name"))
        if valid_from is None or not source:
            raise line.bad(N_("a rule of scoring needs its first day and the decision that it rests on"))
        rule = RuleSet(name=line.cells["name"], valid_from=valid_from, value=_number(line), source=source)
        scoring.keep_rule(rule)
    rows = scoring.rule_rows()
    for line in lines:
        day = line.day("valid_from")
        assert day is not None, "it was there above"
        try:
            rules_on(rows, day).check()
        except ValueError as error:
            raise line.bad(N_("the number contradicts another one that holds from that day on")) from error


def _number(line: Line) -> Decimal:
    try:
        number = Decimal(line.cells["value"])
    except InvalidOperation as error:
        raise line.bad(N_("this is not a value of this rule")) from error
    if not (number.is_finite() and 0 <= number <= NUMBER_MAX):
        raise line.bad(N_("this is not a value of this rule"))
    return number
