"""The server extension: enabled by itself, useful also where its environment has no kernel."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from tornado.ioloop import PeriodicCallback

from mlart_jupyter.adoption import Adoption
from mlart_jupyter.answers import Answers
from mlart_jupyter.config import Mlart
from mlart_jupyter.lanes import Lanes
from mlart_jupyter.server.intake import Intake
from mlart_jupyter.server.notebooks import ROUTES
from mlart_jupyter.server.routes import routes
from mlart_jupyter.server.saves import SaveListener
from mlart_jupyter.services import Services

WORKERS = 4
"""Threads of one store."""
ADOPT_SECONDS = 30.0
"""How often the server looks for what dead kernels left."""


class MlartExtension(ExtensionApp):
    """``/mlart/`` in a Jupyter server."""

    name = "mlart"
    extension_url = "/mlart"
    load_other_extensions = True
    classes = [Mlart]  # noqa: RUF012  traitlets declares it so

    def initialize_handlers(self) -> None:
        """Put up the routes and the listeners."""
        self.services = Services(Mlart(parent=self))
        self.lanes, answers = Lanes(WORKERS), Answers(self.services)
        self.handlers.extend(routes(answers, self.lanes))
        self.handlers.extend((path, kind, {"answers": answers, "lanes": self.lanes}) for path, kind in ROUTES)
        shared = {"answers": answers, "lanes": self.lanes, "services": self.services}
        self.handlers.append((r"/mlart/intake", Intake, shared))
        self.saves = ThreadPoolExecutor(1, thread_name_prefix="mlart-saves")  # a slow store must not hold up a save
        self.listener = SaveListener(self.serverapp, self.services, self.saves)
        self.listener.install()
        self._adoption = Adoption(self.services)
        self.adoption = PeriodicCallback(self._adopt, ADOPT_SECONDS * 1000)
        self.adoption.start()
        self._adopter = Thread(name="mlart-adopt")

    def _adopt(self) -> None:
        if not self._adopter.is_alive():
            self._adopter = Thread(target=self._adoption.look, name="mlart-adopt", daemon=True)
            self._adopter.start()

    async def stop_extension(self) -> None:
        """Let go of the threads; what is in the spool stays there."""
        self.adoption.stop()
        self.listener.uninstall()
        self.lanes.close()
        self.saves.shutdown(wait=True)
        self.services.close(0.0)


def points() -> list[dict[str, Any]]:
    """Where Jupyter Server finds the extension."""
    return [{"module": "mlart_jupyter", "app": MlartExtension}]
