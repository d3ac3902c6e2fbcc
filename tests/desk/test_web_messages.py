"""The catalogues of the desk and the protocol are complete."""

from scripts.messages import main


def test_every_text_of_the_desk_and_the_protocol_stands_in_vietnamese() -> None:
    assert main(["--check", "desk_client", "sync_protocol"]) == 0
