"""Reference packs: any that is signed is read or refused by name, and a swap is whole or has not happened."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_client.desk import Desk
from desk_client.services import taking_up
from desk_client.storage import device as device_storage
from desk_client.storage import journal
from desk_client.storage.database import reading
from sync_protocol.errors import FieldSyncError
from sync_protocol.packs import PACK, PackKind, read_pack
from sync_protocol.signing import Signed, SigningKey, content_of
from tests.factories import CENTRE_KEY, enrolled_desk, signed_packs

pytestmark = pytest.mark.slow

values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(at=st.data())
def test_any_pack_is_read_or_refused_by_name(at: st.DataObject) -> None:
    pack = at.draw(st.sampled_from([*signed_packs().values()]))
    content = content_of(pack, PACK)
    part = content
    for _ in range(at.draw(st.integers(0, 3))):
        inner = [
            value for value in (part.values() if isinstance(part, dict) else part) if isinstance(value, dict | list)
        ]
        part = at.draw(st.sampled_from([each for each in inner if each] or [part]))
    place = at.draw(st.sampled_from(sorted(part) if isinstance(part, dict) else range(len(part))))
    part[place] = at.draw(values)

    with contextlib.suppress(FieldSyncError):
        read_pack(CENTRE_KEY.sign(PACK, content), CENTRE_KEY.public)


@pytest.fixture
def desk(tmp_path: Any) -> Desk:
    """An enrolled desk with packs in force."""
    return enrolled_desk(tmp_path)


def newer(**overrides: Any) -> list[Signed]:
    """Packs of a later day: another profile, the same others."""
    return [*signed_packs(name="Bộ phận Một cửa Phường Tích Sơn mới", **overrides).values()]


def in_force(desk: Desk) -> tuple[dict[PackKind, str], int]:
    """The packs in force, and how many entries the journal holds."""
    with reading(desk.database):
        return device_storage.pack_names(), journal.head(desk.identity().id.slot, desk.identity().origin).sequence


class Cut(BaseException):
    """The power goes."""


STEPS = ("device.keep_packs", "refresh_due", "read_packs", "take_pen")


@pytest.mark.parametrize("step", STEPS)
def test_a_swap_that_is_cut_off_has_not_happened(desk: Desk, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    before = in_force(desk)

    def cut(*_: Any, **__: Any) -> None:
        raise Cut

    with monkeypatch.context() as patched:
        patched.setattr(f"desk_client.services.taking_up.{step}", cut)
        with pytest.raises(Cut):
            taking_up.adopt_packs(desk, newer())

    assert in_force(desk) == before
    taking_up.adopt_packs(desk, newer())
    assert desk.packs().desk.name == "Bộ phận Một cửa Phường Tích Sơn mới"


BAD: dict[str, Callable[[], list[Signed]]] = {
    "signed by another key": lambda: [*signed_packs(SigningKey.from_seed(b"x" * 32)).values()],
    "of a kind that is not known": lambda: [
        *newer(),
        CENTRE_KEY.sign(PACK, {"format": 1, "kind": "weather", "content": {}}),
    ],
    "of a format that is not known": lambda: [
        *newer(),
        CENTRE_KEY.sign(PACK, content_of(newer()[0], PACK) | {"format": 2}),
    ],
    "without content": lambda: [*newer(), CENTRE_KEY.sign(PACK, {"format": 1, "kind": "calendar"})],
    "changed on the way": lambda: [
        Signed(each.body.replace(b"T\xc3\xadch", b"Tich"), each.signature) for each in newer()
    ],
    "that is another document": lambda: [CENTRE_KEY.sign("receipt", {})],
}


@pytest.mark.parametrize("name", BAD)
def test_the_old_packs_stay_where_a_new_one_is(desk: Desk, name: str) -> None:
    before = in_force(desk)

    with pytest.raises(FieldSyncError):
        taking_up.adopt_packs(desk, BAD[name]())

    assert in_force(desk) == before
    assert desk.packs().desk.name == "Bộ phận Một cửa Phường Tích Sơn"
