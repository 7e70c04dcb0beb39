"""The cluster's front: Debian's nginx, with settings of ours in `var` and no root's rights."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from ops.trouble import Trouble

SETTINGS = """\
daemon off;
pid {folder}/nginx.pid;
error_log stderr error;
worker_processes 1;
{user}
events {{ worker_connections 4096; }}
http {{
  access_log off;
  server_tokens off;
  client_max_body_size {body};
  client_body_buffer_size {body};
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  proxy_max_temp_file_size 0;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
  upstream yiping {{
{servers}
    keepalive 32;
  }}
  server {{
    listen {host}:{port} ssl;
    ssl_certificate {tls}/cert.pem;
    ssl_certificate_key {tls}/key.pem;
    ssl_session_cache shared:tls:2m;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Connection $connection_upgrade;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_connect_timeout 1s;
    proxy_next_upstream error timeout non_idempotent;
    proxy_next_upstream_tries 2;
    location / {{
      proxy_pass http://yiping;
      proxy_read_timeout 6s;
    }}
    location /socket.io/ {{
      proxy_pass http://yiping;
      proxy_buffering off;
      proxy_read_timeout 15s;
    }}
  }}
}}
"""
"""What one web process leaves unanswered the other is asked: the same key makes it one intent.

A socket is pinged every two seconds, so one that says nothing for fifteen is dead.
"""
BODY = "2m"  # the web process itself refuses what is more than 1 MiB
WORKER_USER = "www-data"  # as whom the front works when we are root


def prepare(folder: Path, host: str, port: int, webs: Sequence[int], tls: Path) -> tuple[str, ...]:
    """Write the settings; gives the command that starts it. Raises Trouble."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    servers = "\n".join(f"    server 127.0.0.1:{one} max_fails=1 fail_timeout=1s;" for one in webs)
    user = "" if os.geteuid() else f"user {WORKER_USER};"
    text = SETTINGS.format(
        folder=folder, user=user, body=BODY, servers=servers, host=host, port=port, tls=tls
    )
    settings = folder / "nginx.conf"
    settings.write_text(text, encoding="utf-8")
    return (_program(), "-c", str(settings), "-p", str(folder), "-e", "stderr")


def _program() -> str:
    if found := shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
        return found
    raise Trouble("no nginx on this machine: install Debian's nginx-light")
