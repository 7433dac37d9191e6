"""Who may ask: the machine's own browser, or whoever has the token; and what browsers may do."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

COOKIE = "mammo_token"
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
UNAUTHORISED, FORBIDDEN, SEE_OTHER = 401, 403, 303
# Nothing is loaded from elsewhere, nothing is shown inside other pages, nothing stays in caches.
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
Next = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Access:
    """Who may ask."""

    token: str | None
    """What has to be shown; None where only this machine can ask."""


def access_for(host: str) -> Access:
    """Return who may ask a server at an address; other machines need a token, a new one."""
    return Access(None if host in LOOPBACK_NAMES else secrets.token_urlsafe(24))


def guard(access: Access) -> Callable[[Request, Next], Awaitable[Response]]:
    """Return what lets requests through or answers them itself, and adds the headers."""

    async def dispatch(request: Request, call_next: Next) -> Response:
        response = _refusal(request, access) or await call_next(request)
        response.headers.update(SECURITY_HEADERS)
        return response

    return dispatch


def _refusal(request: Request, access: Access) -> Response | None:
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    if origin is not None and _split(origin).netloc != host:
        return _refused(FORBIDDEN, "pages of other sites may not ask")
    if access.token is None:
        # A name of somebody else's that leads to this machine is another site, too.
        if _split(f"//{host}").hostname in LOOPBACK_NAMES:
            return None
        return _refused(FORBIDDEN, "ask for 127.0.0.1 or localhost, or start with --host")
    if _is_token(request.query_params.get("token", ""), access.token):
        return _signed_in(access.token)
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer":
        shown = request.cookies.get(COOKIE, "")
    if _is_token(shown, access.token):
        return None
    return _refused(UNAUTHORISED, "open the address with the token that `mammo serve` printed")


def _split(address: str) -> SplitResult:
    """Split an address; what is none, such as half a bracket, has no parts."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _signed_in(token: str) -> Response:
    """Put the token where it shows in no address."""
    response = RedirectResponse("/", SEE_OTHER)
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict")
    return response


def _is_token(shown: str, token: str) -> bool:
    return secrets.compare_digest(shown.encode(), token.encode())


def _refused(status: int, why: str) -> Response:
    return JSONResponse({"error": why}, status)
