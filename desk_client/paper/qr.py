"""The code of a paper as a QR symbol. It holds the code and nothing else, so that a lost paper tells nothing more."""

import segno

QUIET_MODULES = 4
"""The white border that a scanner needs. Source: ISO/IEC 18004."""


def qr_svg(code: str) -> str:
    """The symbol with its border as inline SVG without size or style, which the page's policy lets through."""
    svg: str = _symbol(code).svg_inline(omitsize=True, border=QUIET_MODULES, svgclass=None, lineclass=None)
    return svg


def qr_rows(code: str) -> tuple[tuple[bool, ...], ...]:
    """The symbol with its border as rows from the top; True is a dark module."""
    return tuple(tuple(map(bool, row)) for row in _symbol(code).matrix_iter(border=QUIET_MODULES))


def _symbol(code: str) -> segno.QRCode:
    # make() would give a Micro QR for a short code, which telephones do not read.
    return segno.make_qr(code, error="m")
