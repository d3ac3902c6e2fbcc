"""The desk's pages as one Flask application on loopback."""

from collections.abc import Callable
from http import HTTPStatus
from importlib.resources import files

from flask import Flask, g, request
from flask_babel import Babel
from flask_wtf.csrf import CSRFError, CSRFProtect
from jinja2 import StrictUndefined

from desk_client.desk import Desk
from desk_client.storage.trouble import StorageTrouble
from desk_client.web.bulk import bulk, bulk_page_again
from desk_client.web.conflicts import conflict_pages
from desk_client.web.correcting import correcting
from desk_client.web.day import day
from desk_client.web.diagnosis import diagnosis
from desk_client.web.dossiers import dossiers
from desk_client.web.drafts import drafts
from desk_client.web.enrolling import enrolling, stale_enrolment_page
from desk_client.web.errors import error_words, expected, refused, register_errors
from desk_client.web.formatting import register_filters
from desk_client.web.guard import guard, know_person, require_person
from desk_client.web.held import held
from desk_client.web.importing import MemoryRequest, importing, widen_upload
from desk_client.web.intake import intake, intake_page_again
from desk_client.web.lists import lists
from desk_client.web.login import login, stale_sign_in_page
from desk_client.web.navigation import navigation
from desk_client.web.papers import papers
from desk_client.web.period import period
from desk_client.web.practice import practice
from desk_client.web.present import EXTENSION, Door, Enrol, desk, language
from desk_client.web.prompts import prompts
from desk_client.web.register import register
from desk_client.web.search import search
from desk_client.web.slips import slips
from desk_client.web.steps import step_page_again, steps
from desk_client.web.sync import sync

BODY_BYTES_MAX = 256 * 1024
FORM_PARTS_MAX = 100
SECRET_BYTES = 32


def create_app(
    desk: Desk, *, hosts: frozenset[str], wake: Callable[[], None], practise: Callable[[], str], enrol: Enrol
) -> Flask:
    """The pages of a desk; of one that is not enrolled yet, the page on which it is.

    hosts  the values of Host, port included, under which they answer, such as ``127.0.0.1:8765``
    wake   is called when there is something to send; it must return at once
    practise  opens the practice pages and gives their address
    enrol  trades address, code and password for a certificate
    """
    app = Flask(__name__, template_folder="web/templates", static_folder="web/static")
    app.config.update(
        SECRET_KEY=desk.randomness(SECRET_BYTES),
        SESSION_COOKIE_NAME="desk_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        MAX_CONTENT_LENGTH=BODY_BYTES_MAX,
        MAX_FORM_PARTS=FORM_PARTS_MAX,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions[EXTENSION] = Door(desk=desk, hosts=hosts, wake=wake, practise=practise, enrol=enrol)
    _speak(app)
    register_filters(app)
    # In this order: where it comes from, before anything is read; who asks; whether our own form sent it; who may.
    guard(app)
    _connect(app, desk)
    app.before_request(know_person)
    app.request_class = MemoryRequest
    app.before_request(widen_upload)
    CSRFProtect(app)
    app.before_request(require_person)
    for blueprint in (
        bulk,
        conflict_pages,
        correcting,
        day,
        diagnosis,
        dossiers,
        drafts,
        enrolling,
        held,
        importing,
        intake,
        lists,
        login,
        papers,
        period,
        practice,
        prompts,
        register,
        search,
        slips,
        steps,
        sync,
    ):
        app.register_blueprint(blueprint)
    register_errors(app)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(StorageTrouble, _not_saved)
    return app


def _connect(app: Flask, desk: Desk) -> None:
    """One connection for all that a request reads: opening the encrypted file costs more than most questions."""

    def connect() -> None:
        if request.endpoint != "static":
            desk.database.connect(reuse_if_open=True)

    def close(_: BaseException | None) -> None:
        if not desk.database.is_closed():
            desk.database.close()

    app.before_request(connect)
    app.teardown_request(close)


def _speak(app: Flask) -> None:
    """The catalogues of this end and of the protocol, which words the errors that both share."""
    folders = (files(package).joinpath("locale") for package in ("sync_protocol", "desk_client"))
    Babel(
        app,
        default_locale="vi",
        default_translation_directories=";".join(map(str, folders)),
        locale_selector=language,
    )
    app.context_processor(_frame)


def _frame() -> dict[str, object]:
    """What every page shows around its own content; an error page may come before any of it is known."""
    return {
        "signed_in": g.get("signed_in"),
        "is_training": g.get("is_training", False),
        "is_practice": desk().is_practice,
        "language": language(),
        "navigation": navigation,
    }


def _stale(error: CSRFError) -> tuple[str, int]:
    """A page from before the last start: whoever typed something sees it again, with a good token."""
    if request.endpoint == "login.sign_in":
        return stale_sign_in_page(), 400
    if request.endpoint == "enrolling.enrol" and not desk().is_enrolled():
        return stale_enrolment_page(), 400
    page = _typed_again()
    return (page, HTTPStatus.BAD_REQUEST) if page else refused(error)


def _not_saved(error: StorageTrouble) -> tuple[str, int]:
    """The disk did not take it: whoever typed something sees it again, with what to do."""
    page = _typed_again(error_words(error))
    return (page, HTTPStatus.INSUFFICIENT_STORAGE) if page else expected(error)


def _typed_again(notice: str = "") -> str | None:
    """The form that was sent, as it was typed; None where there is none to show."""
    if not g.get("signed_in"):
        return None
    match request.endpoint:
        case "intake.save" | "intake.refuse" | "intake.copy":
            return intake_page_again(notice)
        case "bulk.save":
            return bulk_page_again(notice)
        case "steps.save":
            return step_page_again(**request.view_args or {}, notice=notice)
        case _:
            return None
