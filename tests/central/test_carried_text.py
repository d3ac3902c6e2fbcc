"""A correction begins with what people wrote: their sentences are kept, the machine's are made of the new figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central_server.reports.by_hand import pieces
from central_server.reports.carried_text import carried, kept

MADE = "Đã tiếp nhận 3 hồ sơ. Có 1 hồ sơ trễ hạn.\nNhiều nhất là TP. Vĩnh Yên với 2 hồ sơ."
NOW = "Đã tiếp nhận 4 hồ sơ. Có 2 hồ sơ trễ hạn.\nNhiều nhất là TP. Phúc Yên với 3 hồ sơ."


def test_a_text_that_nobody_has_touched_is_made_anew() -> None:
    assert carried(MADE, MADE, NOW) == NOW


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            MADE.replace("Có 1 hồ sơ trễ hạn.", "Có 1 hồ sơ trễ hạn do mất điện."),
            NOW.replace("Có 2 hồ sơ trễ hạn.", "Có 1 hồ sơ trễ hạn do mất điện."),
        ),
        (f"{MADE} Tỉnh tiếp tục đôn đốc.", f"{NOW} Tỉnh tiếp tục đôn đốc."),
        (f"Kính gửi các báo.\n\n{MADE}", f"Kính gửi các báo.\n{NOW}"),
        (MADE.replace("\n", "\nSở đã kiểm tra 9 xã.\n"), NOW.replace("\n", "\nSở đã kiểm tra 9 xã.\n")),
        (MADE.replace(" Có 1 hồ sơ trễ hạn.", ""), NOW.replace(" Có 2 hồ sơ trễ hạn.", "")),
        ("Chỉ một câu khác hẳn.", "Chỉ một câu khác hẳn."),
    ],
    ids=["changed", "added last", "added first", "added between", "struck out", "all written over"],
)
def test_sentences_of_people_are_kept_and_the_others_made_anew(text: str, expected: str) -> None:
    assert carried(MADE, text, NOW).split() == expected.split()


def test_lines_stand_as_people_have_parted_them() -> None:
    text = MADE.replace(". Có", ".\n\nCó")

    assert carried(MADE, text, NOW) == NOW.replace(". Có", ".\n\nCó")


def test_a_sentence_that_only_the_new_figures_make_is_added_in_its_place() -> None:
    now = NOW.replace("\n", " Có 5 hồ sơ chưa rõ kết quả.\n")

    told = carried(MADE, f"{MADE} Tỉnh tiếp tục đôn đốc.", now)

    assert told == f"{now} Tỉnh tiếp tục đôn đốc."


def test_a_sentence_that_the_new_figures_do_not_make_goes() -> None:
    assert carried(MADE, MADE, NOW.replace(" Có 2 hồ sơ trễ hạn.", "")) == NOW.replace(" Có 2 hồ sơ trễ hạn.", "")


def test_numbers_of_a_kept_sentence_are_marked_once_they_are_none_of_the_report() -> None:
    text = MADE.replace("Đã tiếp nhận 3 hồ sơ.", "Trong kỳ tỉnh tiếp nhận 30 hồ sơ.")

    told = carried(MADE, text, NOW)

    assert [piece.text for piece in pieces(told, NOW) if piece.is_by_hand] == ["30"]


def test_what_was_kept_is_told_until_somebody_changes_it() -> None:
    begun = f"{NOW} Tỉnh tiếp tục đôn đốc 7 xã. Sở báo cáo sau."

    left = kept(NOW, begun, begun.replace("7 xã", "8 xã"))

    assert list(kept(NOW, begun, begun)) == ["Tỉnh tiếp tục đôn đốc 7 xã.", "Sở báo cáo sau."]
    assert list(left) == ["Sở báo cáo sau."]


SENTENCES = st.lists(st.sampled_from(["Một 1.", "Hai 2.", "Ba 3.", "Bốn.", "Năm 5%.", "Sáu TP. Yên."]), max_size=6)
OWN = st.lists(st.sampled_from(["Tôi viết 1.", "Anh viết.", "Chị viết 22."]), max_size=4)


@given(made=SENTENCES, now=SENTENCES, own=OWN, place=st.integers(0, 6))
def test_no_sentence_of_a_person_is_ever_lost(made: list[str], now: list[str], own: list[str], place: int) -> None:
    text = " ".join([*made[:place], *own, *made[place:]])

    told = carried(" ".join(made), text, " ".join(now))

    assert [word for word in told.replace("viết.", "viết .").split() if word == "viết"] == ["viết"] * len(own)
    assert " ".join(own) in told or len(own) == 0


@given(made=SENTENCES, now=SENTENCES)
def test_without_a_person_the_text_is_that_of_the_figures(made: list[str], now: list[str]) -> None:
    assert carried(" ".join(made), " ".join(made), "\n".join(now)).split() == "\n".join(now).split()
