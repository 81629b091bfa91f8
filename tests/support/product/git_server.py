"""A git server over TLS for tests: git_server.py ROOT CERTIFICATE KEY LOG

Serves the bare repositories below ROOT by git http-backend on a free loopback port, whose number it prints. A line of LOG
for each answer: status, bytes, path. Below /stalls/ it begins an answer and does not go on.
"""

import http.server
import os
import ssl
import subprocess
import sys
import threading

ADVERTISEMENT = [("Content-Type", "application/x-git-upload-pack-advertisement")]
ROOT, CERTIFICATE, KEY, LOG = sys.argv[1:]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def backend(self):
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": ROOT,
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        answer = subprocess.run(["git", "http-backend"], input=body, env=environment, stdout=subprocess.PIPE).stdout
        head, _, content = answer.partition(b"\r\n\r\n")
        fields = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        status = int(dict(fields).get("Status", "200").split()[0])
        return status, [field for field in fields if field[0] != "Status"], content

    def do_GET(self):
        stalls = self.path.startswith("/stalls/")
        status, fields, content = (200, ADVERTISEMENT, b"x" * 1000) if stalls else self.backend()
        with open(LOG, "a") as log:
            log.write(f"{status} {len(content)} {self.path}\n")
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if stalls:
            threading.Event().wait()
        self.wfile.write(content)

    do_POST = do_GET

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass  # who does not trust us hangs up


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(CERTIFICATE, KEY)
server = Server(("127.0.0.1", 0), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_port, flush=True)
server.serve_forever()
