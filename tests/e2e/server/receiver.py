#!/usr/bin/env python3
"""Whoever a server tells of its runs: forges, webhooks, chats, receivers of CDEvents and of mail.

    receiver.py DIRECTORY [CERTIFICATE KEY]

Strict: what is not as the receivers' published interfaces have it is refused, as they would. Writes
DIRECTORY/ports ("HTTP SMTP") once it listens, and each thing that it took to DIRECTORY/taken, one
JSON object a line. While DIRECTORY/down exists it is as if it were not there.
"""
import base64
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import pathlib
import re
import ssl
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

directory = pathlib.Path(sys.argv[1])
certificate = sys.argv[2:4]
KEY = b"a key to sign with"
TOKEN = "forge-token-of-tests"
writing = threading.Lock()


def take(kind, **what):
    with writing, open(directory / "taken", "a") as file:
        file.write(json.dumps({"kind": kind, **what}, sort_keys=True) + "\n")


class Refusal(Exception):
    def __init__(self, status, why):
        super().__init__(why)
        self.status = status


def need(is_so, status, why):
    if not is_so:
        raise Refusal(status, why)


# https://docs.github.com/en/rest/commits/statuses, Gitea's and Forgejo's swagger, and
# https://docs.gitlab.com/api/commits/#set-commit-pipeline-status: members and their types.
HUB = {"state": {"pending", "success", "failure", "error"}, "target_url": str, "description": str,
       "context": str}
GITLAB = {"state": {"pending", "running", "success", "failed", "canceled", "skipped"}, "ref": str,
          "name": str, "target_url": str, "description": str}


def check_members(body, members):
    need(isinstance(body, dict) and "state" in body, 422, "no state")
    for name, value in body.items():
        need(name in members, 422, f"unknown member {name}")
        is_word = isinstance(members[name], set)
        need(value in members[name] if is_word else isinstance(value, str), 422, f"bad {name}")
    need(len(body.get("description", "")) <= 140, 422, "description is too long")


gitlab_states = {}


def take_status(forge, path, fields, body):
    repository, commit = re.fullmatch(
        r"projects/([^/]+)/statuses/([0-9a-f]{40})" if forge == "gitlab" else
        r"repos/([^/]+/[^/]+)/statuses/([0-9a-f]{40})", path).groups()
    wanted = {"github": ("Authorization", f"Bearer {TOKEN}"), "gitlab": ("PRIVATE-TOKEN", TOKEN),
              "gitea": ("Authorization", f"token {TOKEN}"),
              "forgejo": ("Authorization", f"token {TOKEN}")}[forge]
    need(fields.get(wanted[0]) == wanted[1], 401, "bad token")
    if forge == "github":
        need(fields.get("Accept") == "application/vnd.github+json", 415, "bad Accept")
        need(fields.get("X-GitHub-Api-Version") == "2022-11-28", 400, "bad version")
        need(fields.get("User-Agent"), 403, "no User-Agent")
    check_members(body, GITLAB if forge == "gitlab" else HUB)
    if forge == "gitlab":
        key = (commit, body.get("name"))
        need(gitlab_states.get(key) != body["state"], 400,
             '{"message":"Cannot transition status via :run from :running"}')
        gitlab_states[key] = body["state"]
    take("status", forge=forge, repository=repository, commit=commit, body=body)
    return 201


def take_webhook(fields, raw):
    id, time = fields.get("webhook-id"), fields.get("webhook-timestamp")
    need(id and time, 400, "no id or no time")
    digest = hmac.new(KEY, f"{id}.{time}.".encode() + raw, hashlib.sha256).digest()
    need(fields.get("webhook-signature") == "v1," + base64.b64encode(digest).decode(), 401,
         "bad signature")
    body = json.loads(raw)
    need(set(body) == {"type", "timestamp", "data"}, 400, "bad members")
    take("webhook", id=id, body=body)
    return 204


def take_cdevent(fields, body):
    context = body["context"]
    for field, value in {"ce-specversion": "1.0", "ce-id": context["id"],
                         "ce-source": context["source"], "ce-type": context["type"],
                         "ce-time": context["timestamp"],
                         "ce-subject": body["subject"]["id"]}.items():
        need(fields.get(field) == value, 400, f"bad {field}")
    take("cdevent", body=body)
    return 202


def take_slack(body):
    need(set(body) == {"text"} and isinstance(body["text"], str) and body["text"], 400, "no_text")
    take("slack", text=body["text"])
    return 200


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        if (directory / "down").exists():
            self.close_connection = True
            return
        try:
            status, answer = self.route(raw), b"ok"
        except Refusal as refusal:
            status, answer = refusal.status, str(refusal).encode()
            take("refused", path=self.path, status=status, why=str(refusal))
        self.send_response(status)
        if status == 204:
            answer = b""
        else:
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def route(self, raw):
        need(self.headers["Content-Type"].split(";")[0] == "application/json", 415, "bad type")
        match = re.fullmatch(r"/(github|gitlab|gitea|forgejo)/api/(v[134])/(.*)", self.path)
        if match:
            forge, version, path = match.groups()
            need(version == {"github": "v3", "gitlab": "v4"}.get(forge, "v1"), 404, "bad version")
            return take_status(forge, path, self.headers, json.loads(raw))
        if self.path == "/hook?team=a":
            return take_webhook(self.headers, raw)
        if self.path == "/cdevents":
            return take_cdevent(self.headers, json.loads(raw))
        if self.path == "/services/T000/B000/XXXX":
            return take_slack(json.loads(raw))
        raise Refusal(404, "nothing is here")

    def log_message(self, format, *arguments):
        pass


class Mails:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 there is no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        take("mail", sender=envelope.mail_from, to=envelope.rcpt_tos, tls=session.ssl is not None,
             login=getattr(session, "auth_data", None) is not None, subject=mail["Subject"],
             fields=sorted(mail.keys()), id=mail["Message-ID"], text=mail.get_content(),
             defects=[str(defect) for defect in mail.defects])
        return "250 taken"


def login(server, session, envelope, mechanism, data):
    good = data.login == b"ci" and data.password == b"mail-password"
    return AuthResult(success=good, handled=good, auth_data=data if good else None)


def context():
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*certificate)
    return made


class OnFreePort(Controller):
    """aiosmtpd's own looks at the port that it was given, which is none."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
options = {}
if certificate:
    web.socket = context().wrap_socket(web.socket, server_side=True)
    options = {"tls_context": context(), "require_starttls": True, "authenticator": login,
               "auth_required": True}
smtp = OnFreePort(Mails(), hostname="127.0.0.1", port=0, **options)
smtp.start()
(directory / "ports.new").write_text(f"{web.server_port} {smtp.port}\n")
(directory / "ports.new").rename(directory / "ports")
web.serve_forever()
