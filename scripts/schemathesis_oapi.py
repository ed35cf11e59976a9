"""Signs what schemathesis asks of the OAPI dialect: the exact request, when it is ready to be sent."""

import base64
import email
import hashlib
import hmac
import os
import time
from urllib.parse import parse_qsl, quote, urlsplit

import schemathesis

TOKEN = os.environ["OAPI_TOKEN"]


def form_texts(content_type, body):
    """The text parts of a multipart body, by name."""
    head = b"Content-Type: " + content_type.encode() + b"\r\n\r\n"
    message = email.message_from_bytes(head + body)
    parts = message.get_payload() if message.is_multipart() else []
    texts = {}
    for part in parts:
        name = part.get_param("name", header="content-disposition")
        if name and name != "uploadFile":
            texts[str(name)] = part.get_payload(decode=True).decode("utf-8", "replace")
    return texts


def source(request):
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else body
    kind = request.headers.get("content-type", "")
    kind = kind.decode() if isinstance(kind, bytes) else kind
    if request.method != "GET" and kind.startswith("multipart/form-data"):
        pairs = form_texts(kind, body).items()
    elif body and request.method != "GET":
        return body.decode("utf-8", "surrogateescape")
    else:
        pairs = parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
    return "&".join(f"{name}={value}" for name, value in sorted(pairs, key=lambda pair: pair[0]))


class Signed:
    def __call__(self, request):
        at = str(int(time.time() * 1000))
        text = f"{source(request)}&token={TOKEN}&timestamp={at}"
        encoded = quote(text, safe="", errors="surrogateescape").replace("~", "%7E")
        digest = hmac.new(TOKEN.encode(), encoded.encode(), hashlib.sha256).hexdigest()
        request.headers["accesstoken"] = TOKEN
        request.headers["timestamp"] = at
        request.headers["signature"] = base64.b64encode(digest.encode()).decode()
        return request


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.path != "/oapi/v1/token":
        kwargs["auth"] = Signed()
