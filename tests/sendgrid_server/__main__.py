"""The server as a process of its own, told what to do by a small control server beside it."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from tests.ports import HOST
from tests.sendgrid_server.behaviours import Behaviour, Does
from tests.sendgrid_server.server import SendGridServer


class Control(BaseHTTPRequestHandler):
    """How a test tells the process what to do, on a port that stays when the API is gone.

    GET /state: port, public key, how often it was asked, what it accepted. POST /will: behaviours for the next
    requests. POST /always: one for all others. POST /gone, POST /back. POST /report `{"message", "events"}`: makes the
    call with events (kinds) of one accepted message.
    """

    sendgrid: ClassVar[SendGridServer]

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        server = self.sendgrid
        received = [asdict(each) | {"custom_args": each.custom_args} for each in server.received]
        self._answer(
            {"port": server.port, "public_key": server.webhook.public_key, "asked": server.asked, "received": received}
        )

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "null")
        match self.path:
            case "/will":
                self.sendgrid.will(*map(_behaviour, told))
            case "/always":
                self.sendgrid.always = _behaviour(told)
            case "/gone":
                self.sendgrid.stop()
            case "/back":
                self.sendgrid.start()
            case "/report":
                webhook, message = self.sendgrid.webhook, self.sendgrid.received[told["message"]]
                return self._answer(asdict(webhook.call(webhook.event(message, kind) for kind in told["events"])))
        return self._answer({})

    def _answer(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _behaviour(told: dict[str, Any]) -> Behaviour:
    return Behaviour(**{**told, "does": Does(told["does"])})


def main(arguments: Sequence[str] | None = None) -> None:
    """Run until killed; one JSON line on stdout says where."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--events-to", metavar="URL")
    parser.add_argument("--report", action="append", default=[], metavar="EVENT", help="for every accepted message")
    chosen = parser.parse_args(arguments)
    Control.sendgrid = SendGridServer(chosen.port, events_to=chosen.events_to, reports=chosen.report).start()
    control = ThreadingHTTPServer((HOST, chosen.control_port), Control)
    where = {
        "port": Control.sendgrid.port,
        "control_port": control.server_address[1],
        "public_key": Control.sendgrid.webhook.public_key,
    }
    sys.stdout.write(json.dumps(where) + "\n")
    sys.stdout.flush()
    control.serve_forever()


if __name__ == "__main__":
    main()
