"""A real mail server for the tests: takes mails, tells of each on a line of its standard output, and ends with its input.

Usage: smtp_server.py plain|starttls|tls [certificate key]   (a user "rpa" with the password "hunter2" where there is TLS)
"""
import json
import ssl
import sys
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

mode = sys.argv[1]
tls = None
if mode != "plain":
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[2], sys.argv[3])


def tell(what):
    print(json.dumps(what), flush=True)


class Handler:
    refusals = 1 if mode == "plain" else 0

    async def handle_DATA(self, server, session, envelope):
        if Handler.refusals > 0:
            Handler.refusals -= 1
            tell({"refused": True})
            return "451 4.3.0 busy, come again"
        mail = message_from_bytes(envelope.content, policy=policy.default)
        tell({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "id": mail["Message-ID"],
            "subject": mail["Subject"],
            "text": mail.get_content(),
            "tls": server.transport.get_extra_info("ssl_object") is not None,
            "user": session.auth_data.decode() if session.authenticated else None,
        })
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"rpa", b"hunter2")
    return AuthResult(success=right, handled=False, auth_data=data.login)


options = {"hostname": "127.0.0.1", "port": 0}
if mode == "plain":
    server = Controller(Handler(), **options)
else:
    options.update(authenticator=authenticate, auth_required=True)
    if mode == "starttls":
        server = Controller(Handler(), tls_context=tls, require_starttls=True, **options)
    else:
        server = Controller(Handler(), ssl_context=tls, auth_require_tls=False, **options)
# The controller looks at its own port after it has begun to listen; with port 0 it must be told which.
import socket
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    server.port = free.getsockname()[1]
server.start()
tell({"port": server.port})
sys.stdin.read()
server.stop()
