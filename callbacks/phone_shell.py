"""What lets the phone's page be installed: its manifest, its icon, and who keeps its shell."""

from pathlib import Path

from flask import Flask, Response, make_response, request, send_file

from callbacks import codec, language
from layouts.texts import Texts

HERE = Path(__file__).parent / "shell"
DARK = "#0F161C"
HEAD = (
    '<link rel="icon" href="/phone/icon.svg">'
    '<link rel="manifest" href="/phone/app.webmanifest" crossorigin="use-credentials">'
    f'<meta name="theme-color" content="{DARK}">'
    '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">'
)


def install(server: Flask) -> None:
    """Serve it below the phone's own address, which asks who is there."""

    @server.get("/phone/app.webmanifest")
    def phone_manifest() -> Response:
        t = Texts(language.of(request))
        icon = {"src": "/phone/icon.svg", "sizes": "any", "type": "image/svg+xml"}
        said = {
            "name": f"{t('product.name')} · {t('screen.phone')}",
            "short_name": t("product.name"),
            "id": "/phone/",
            "start_url": "/phone/",
            "scope": "/phone/",
            "display": "standalone",
            "orientation": "portrait",
            "background_color": DARK,
            "theme_color": DARK,
            "icons": [{**icon, "purpose": "any"}],
        }
        return make_response(codec.write(said), {"Content-Type": "application/manifest+json"})

    @server.get("/phone/worker.js")
    def phone_worker() -> Response:
        return send_file(HERE / "worker.js", "text/javascript", max_age=0)

    @server.get("/phone/icon.svg")
    def phone_icon() -> Response:
        return send_file(HERE / "icon.svg", "image/svg+xml", max_age=86_400)
