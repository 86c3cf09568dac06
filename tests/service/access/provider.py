"""A provider of OpenID Connect on loopback: discovery, a page to agree on, tokens, keys, signing out.

It does what OpenID Connect Core 1.0 asks of the code flow, with PKCE (RFC 7636), and refuses everything else.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from typing import Any, Self
from urllib.parse import urlencode

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.servers import answers, free_port, until

CLIENT, SECRET = "workbench", "a client secret of the test's own"


class Provider:
    """A provider at which whoever comes is ``claims``."""

    def __init__(self, claims: dict[str, Any]) -> None:
        from joserfc.jwk import RSAKey

        self.claims = claims
        self.port = free_port()
        self.address = f"http://localhost:{self.port}"
        self.key = RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig", "alg": "RS256"})
        self.codes: dict[str, dict[str, str]] = {}
        self.signed_out = 0

    def __enter__(self) -> Self:
        app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.discovery),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/keys", self.keys),
                Route("/end", self.end),
            ]
        )
        config = uvicorn.Config(app, host="127.0.0.1", port=self.port, log_level="error")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        until(lambda: answers(self.port), "the provider answers")
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(10)

    async def discovery(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "end_session_endpoint": f"{self.address}/end",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            }
        )

    async def keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if asked.get("client_id") != CLIENT or asked.get("response_type") != "code":
            return Response("unknown client", 400)
        assert asked["code_challenge_method"] == "S256" and "openid" in asked["scope"].split()
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        back = f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
        return HTMLResponse(f'<a href="{back.replace("&", "&amp;")}">Go on as {self.claims["sub"]}</a>')

    async def token(self, request: Request) -> Response:
        from joserfc import jwt

        form = dict([pair.split("=", 1) for pair in (await request.body()).decode().split("&")])
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.codes.pop(form["code"], None)
        challenge = hashlib.sha256(form["code_verifier"].encode()).digest()
        proven = base64.urlsafe_b64encode(challenge).decode().rstrip("=")
        if (
            asked is None
            or request.headers["authorization"] != f"Basic {basic}"
            or proven != asked["code_challenge"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims | self.claims, self.key)
        return JSONResponse(
            {
                "access_token": secrets.token_urlsafe(),
                "token_type": "Bearer",
                "expires_in": 300,
                "id_token": token,
            }
        )

    async def end(self, request: Request) -> Response:
        self.signed_out += 1
        return RedirectResponse(request.query_params["post_logout_redirect_uri"])

    def configuration(self, site: str) -> str:
        """Return the section ``[auth]`` for a workbench at that address."""
        return (
            f'[auth]\nredirect_uri = "{site}/oauth2callback"\ncookie_secret = "{secrets.token_hex()}"\n'
            f'client_id = "{CLIENT}"\nclient_secret = "{SECRET}"\n'
            f'server_metadata_url = "{self.address}/.well-known/openid-configuration"\n'
        )
