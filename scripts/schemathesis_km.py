"""Signs what schemathesis asks of the KM dialect: every other request by the first version, the others by the second."""

import hashlib
import itertools
import os
import time
import uuid
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import schemathesis

TOKEN = os.environ["KM_TOKEN"]
EMAIL = "admin@baigong.local"
SIGNED = {"email", "timestamp", "sign", "nonce", "sign_version"}
turns = itertools.count()


def signature():
    """The parameters that say who asks."""
    at = str(int(time.time()))
    if next(turns) % 2:
        sign = hashlib.sha1(f"{EMAIL}&{TOKEN}&{at}".encode()).hexdigest()
        return {"email": EMAIL, "timestamp": at, "sign": sign}
    nonce = uuid.uuid4().hex
    sign = hashlib.sha256(f"{EMAIL}&{TOKEN}&{at}&{nonce}&v2".encode()).hexdigest()
    return {"email": EMAIL, "timestamp": at, "sign": sign, "nonce": nonce, "sign_version": "v2"}


class Signed:
    def __call__(self, request):
        parts = urlsplit(request.url)
        pairs = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in SIGNED]
        query = urlencode(pairs + list(signature().items()), errors="surrogateescape")
        request.url = urlunsplit(parts._replace(query=query))
        return request


@schemathesis.hook
def before_call(context, case, kwargs):
    kwargs["auth"] = Signed()
