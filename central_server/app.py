"""The centre's pages and its interface for devices as one Flask application."""

import hashlib
import hmac
from importlib.resources import files

from flask import Flask, Response, g, request
from flask.sessions import SecureCookieSessionInterface
from flask_babel import Babel
from flask_wtf.csrf import CSRFError, CSRFProtect
from jinja2 import StrictUndefined

from central_server.central import Central
from central_server.web.api import blueprint as api
from central_server.web.as_of import keep_as_of
from central_server.web.audit import audit
from central_server.web.closing import periods
from central_server.web.complaints import complaints
from central_server.web.desks import desks
from central_server.web.devices import machines
from central_server.web.errors import refused, register_errors
from central_server.web.figures import figures
from central_server.web.following import follow_ups
from central_server.web.formatting import register_filters
from central_server.web.guard import ask_who_is_there, guard
from central_server.web.health import health
from central_server.web.holding import holding, waiting_count
from central_server.web.lateness import lateness
from central_server.web.letters import letters
from central_server.web.limits import limit_rates
from central_server.web.login import login, stale_sign_in_page
from central_server.web.metrics import measure, metrics
from central_server.web.present import is_changer, language
from central_server.web.publications import publications
from central_server.web.read_api import read
from central_server.web.report_dossiers import report_dossiers
from central_server.web.reports import reports
from central_server.web.rules import rules
from central_server.web.scoring import scoring
from central_server.web.sessions import sessions
from central_server.web.standings import standings
from central_server.web.tokens import access_tokens
from central_server.web.words import ROLE_NAMES
from sync_protocol.packing import CONTACT_BYTES_MAX

BODY_BYTES_MAX = CONTACT_BYTES_MAX + 4096
"""The devices' bound; forms have their own in `guard`."""

FORM_PARTS_MAX = 50
STATIC_KEPT_S = 3600
SESSION_PURPOSE = b"session"

BLUEPRINTS = (
    api,
    read,
    metrics,
    health,
    login,
    standings,
    desks,
    machines,
    periods,
    holding,
    follow_ups,
    letters,
    lateness,
    reports,
    publications,
    report_dossiers,
    scoring,
    complaints,
    figures,
    sessions,
    access_tokens,
    audit,
    rules,
)


class FormCookie(SecureCookieSessionInterface):
    """The cookie behind the forms' tokens; sent over TLS only where the page came over TLS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether the browser may send it over TLS only."""
        return request.is_secure


def create_app(central: Central) -> Flask:
    """The application of a centre; any number of workers may each make one."""
    app = Flask(__name__, template_folder="web/templates", static_folder="web/static")
    app.config.update(
        CENTRAL=central,
        # Of the centre's own keys, so that all workers accept each other's forms.
        SECRET_KEY=hmac.digest(central.keys.code_key, SESSION_PURPOSE, hashlib.sha256),
        SESSION_COOKIE_NAME="central_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SEND_FILE_MAX_AGE_DEFAULT=STATIC_KEPT_S,
        MAX_CONTENT_LENGTH=BODY_BYTES_MAX,
        MAX_FORM_PARTS=FORM_PARTS_MAX,
        WTF_CSRF_TIME_LIMIT=None,
        # Browsers send no Referer under our policy; the sender is checked in `guard`.
        WTF_CSRF_SSL_STRICT=False,
    )
    app.session_interface = FormCookie()
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    _speak(app)
    register_filters(app)
    keep_as_of(app)
    measure(app)
    # The size and the sender are judged before the token of a form, then how often, and who is there last.
    guard(app)
    CSRFProtect(app).exempt(api)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    limit_rates(app, central.settings, (read, metrics))
    ask_who_is_there(app)
    register_errors(app)
    app.register_error_handler(CSRFError, _stale)
    return app


def _speak(app: Flask) -> None:
    """The catalogues of this end and of the protocol, which words the errors that both share."""
    folders = (files(package).joinpath("locale") for package in ("sync_protocol", "central_server"))
    Babel(
        app,
        default_locale="vi",
        default_translation_directories=";".join(map(str, folders)),
        locale_selector=language,
    )
    app.context_processor(_frame)


def _frame() -> dict[str, object]:
    """What every page shows around its own content; an error page may come before any of it is known."""
    is_page = request.method == "GET" and request.endpoint is not None
    return {
        "signed_in": g.get("signed_in"),
        "is_training": g.get("is_training", False),
        "now": g.get("now"),
        "language": language(),
        "role_names": ROLE_NAMES,
        "may_change": is_changer(),
        "waiting_count": waiting_count,
        "back": request.full_path.rstrip("?") if is_page else "",
    }


def _stale(error: CSRFError) -> Response | tuple[str, int]:
    """A page from before the last sign-out or restart: at the door it is shown once more, with a good token."""
    if request.endpoint == "login.sign_in":
        return stale_sign_in_page(), 400
    return refused(error)
