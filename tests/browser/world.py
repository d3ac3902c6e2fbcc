"""A desk with a dossier in each stage of its life, recorded by its command line."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sync_protocol.instants import instant_text, local_date
from tests.browser.walking import home
from tests.factories import reception
from tests.processes import Server, desk

Says = Callable[[str], str]
"""Gives the text of a field."""

PLAIN = {
    "name": "Công ty trách nhiệm hữu hạn Hường Bưởi",
    "summary": "Xác nhận để vay vốn ngân hàng",
    "address": "Thôn Đông, Xã Định Trung",
    "officer": "Lê Văn Tịnh",
    "unit": "Công an phường",
    "papers": "Giấy xác nhận nơi cư trú; Bản sao giấy chứng nhận kết hôn",
    "paper": "Tờ khai theo mẫu",
    "reason": "Cần xác minh nơi cư trú trước đây",
    "note": "Người nhà gọi điện hỏi",
    "number": "115/XN-UBND",
    "signer": "Phạm Quốc Khánh",
    "taker": "Trần Văn Bưởi",
}

LIVES: dict[str, tuple[str, ...]] = {
    "received": ("receive",),
    "forwarded": ("receive", "forward"),
    "awaiting_supplement": ("receive", "request_supplement"),
    "supplemented": ("receive", "request_supplement", "supplement_received"),
    "expired": ("receive", "request_supplement", "supplement_expired"),
    "awaiting_payment": ("receive", "request_payment"),
    "paid": ("receive", "request_payment", "payment_done"),
    "extended": ("receive", "extend"),
    "resolved": ("receive", "resolve"),
    "delivered": ("receive", "resolve", "deliver", "rate"),
    "corrected": ("receive", "correct"),
    "withdrawn": ("receive", "withdraw"),
    "sent_back": ("receive", "send_back"),
    "stopped": ("receive", "stop"),
    "voided": ("receive", "void"),
    "registered": ("register",),
    "not_accepted": ("refuse_at_desk",),
}
"""Dossiers by name, with what happened to each."""


@dataclass(frozen=True, slots=True)
class World:
    """A desk that serves its page under `url`; `codes` of its dossiers by their names, "" for one without."""

    served: Server
    url: str
    codes: dict[str, str]

    def path(self, name: str) -> str:
        """The path of the page of a dossier."""
        return f"dossiers/{self.codes[name]}"


def world_of(served: Server, says: Says) -> World:
    """Records the dossiers and serves the page."""
    lines = list(_lines(says))
    done = desk(served.data, "record", "-", "--json", given="".join(json.dumps(line) + "\n" for line in lines))
    assert done.code == 0, done.err
    told = map(json.loads, done.out.splitlines())
    codes = {line["dossier"]: each["dossier_code"] for line, each in zip(lines, told, strict=False)}
    return World(served=served.start(), url=home(served), codes=codes)


def _lines(says: Says) -> Iterator[dict[str, Any]]:
    began_at = datetime.now(UTC) - timedelta(days=15)
    for number, (name, kinds) in enumerate(LIVES.items()):
        for hours, kind in enumerate(kinds):
            at = began_at + timedelta(minutes=number, hours=hours)
            yield {"event": kind, "dossier": name, "at": instant_text(at)} | _content(kind, says)


def _content(kind: str, says: Says) -> dict[str, Any]:
    later_on = (local_date(datetime.now(UTC)) + timedelta(days=30)).isoformat()
    contents: dict[str, dict[str, Any]] = {
        "forward": {"case_officer": says("officer"), "to_unit": says("unit"), "note": says("note")},
        "request_supplement": {"papers": says("papers"), "reason": says("reason"), "until_on": later_on},
        "supplement_received": {"note": says("note")},
        "supplement_expired": {"expired_on": later_on, "reason": says("reason")},
        "request_payment": {"amount_vnd": 50_000, "reason": says("reason")},
        "payment_done": {"amount_vnd": 50_000, "payment_method": "cash"},
        "extend": {"reason": says("reason"), "due_on": later_on},
        "resolve": {"result_number": says("number"), "signer": says("signer")},
        "deliver": {"delivered_to": says("taker"), "delivered_by": "counter", "note": says("note")},
        "rate": {"rating": "satisfied"},
        "correct": {"changes": {"submitter_name": says("taker"), "summary": says("note")}, "reason": says("reason")},
    }
    if kind in ("receive", "register", "refuse_at_desk"):
        return _opening(says) | ({"reason": says("reason")} if kind == "refuse_at_desk" else {})
    return contents.get(kind, {"reason": says("reason")})


def _opening(says: Says) -> dict[str, Any]:
    return reception(
        procedure_code="1.004873",
        owner_type="organisation",
        submitter_name=says("name"),
        owner_name=says("name"),
        summary=says("summary"),
        address_text=says("address"),
        authorisation=says("note"),
        competent_unit=says("unit"),
        storage_location=says("number"),
        components=[{"name": says("paper"), "originals": 1}],
    )
