"""The API: GET /health and GET /queue/status, on the standard library alone."""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import redis

from app import database, settings
from app.worker import recordings


def health():
    """503 names each part that cannot be reached."""
    parts = {}
    for name, check in (("database", recordings.counts), ("broker", broker().ping)):
        try:
            check()
            parts[name] = "ok"
        except Exception as error:
            parts[name] = str(error).strip()
    healthy = all(part == "ok" for part in parts.values())
    return (200 if healthy else 503), {"status": "ok" if healthy else "unhealthy", **parts}


def queue_status():
    return 200, {**recordings.counts(), "messages": broker().llen("celery")}


def broker():
    return redis.Redis.from_url(settings.BROKER_URL, socket_timeout=5, socket_connect_timeout=5)


ROUTES = {"/health": health, "/queue/status": queue_status}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        route = ROUTES.get(self.path.partition("?")[0])
        try:
            code, answer = route() if route else (404, {"error": f"No such path. There are: {', '.join(ROUTES)}."})
        except Exception as error:
            code, answer = 503, {"error": str(error).strip()}
        body = json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, template, *args):
        # Health checks every few seconds would bury everything else.
        if self.path != "/health":
            super().log_message(template, *args)


def main():
    database.prepare()
    server = ThreadingHTTPServer((settings.API_HOST, settings.API_PORT), Handler)
    print(f"Listening on {settings.API_HOST}:{server.server_port}", file=sys.stderr, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
