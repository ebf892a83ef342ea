"""A sample receiver of IM Hub's webhooks. It needs nothing but Python 3.9 or newer.

    IMHUB_WEBHOOK_SECRET=whsec_… python3 webhook_receiver.py 9000

It refuses what was not signed with the secret, and what is old: somebody who recorded a delivery cannot play it again.
A delivery that it has seen already (the hub sends it again if our answer was lost) is answered and not handled twice.
"""

import hashlib
import hmac
import json
import os
import sys
import time
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OLDEST_S = 300
MOST_BYTES = 5_000_000
MOST_SEEN = 10_000
SEEN = OrderedDict()


def check(secret, headers, body, now):
    """Return None for a good delivery, else what is wrong with it. `now`: seconds."""
    stamp = headers.get("X-IMHub-Timestamp", "")
    if not stamp.isascii() or not stamp.isdigit():
        return "no timestamp"
    wanted = "sha256=" + hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), headers.get("X-IMHub-Signature", "").encode()):
        return "wrong signature"
    if abs(now - int(stamp)) > OLDEST_S:
        return "old timestamp"
    return None


def handle(event):
    """Do something with the event: the same JSON that the push socket sends."""
    print(event.get("account"), event.get("kind", event["type"]), flush=True)


class Receiver(BaseHTTPRequestHandler):
    secret = ""

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST_BYTES:
            return self.answer(413, "too large")
        body = self.rfile.read(length)
        wrong = check(self.secret, self.headers, body, time.time())
        if wrong:
            return self.answer(401, wrong)
        name = self.headers.get("X-IMHub-Delivery", "")
        if name not in SEEN:
            handle(json.loads(body))
            SEEN[name] = True
            if len(SEEN) > MOST_SEEN:
                SEEN.popitem(last=False)
        return self.answer(200, "ok")

    def answer(self, status, text):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


def main():
    Receiver.secret = os.environ["IMHUB_WEBHOOK_SECRET"]
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 9000
    ThreadingHTTPServer(("127.0.0.1", port), Receiver).serve_forever()


if __name__ == "__main__":
    main()
