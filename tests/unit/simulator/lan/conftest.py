"""A LAN with virtual time and no nodes."""

import pytest

from simulator.kernel import Kernel
from simulator.lan import Lan


class Desk:
    """Two hosts on a LAN, and time."""

    def __init__(self):
        self.kernel = Kernel(seed=1)
        self.lan = Lan(self.kernel)
        self.server = self.lan.client("server")
        self.client = self.lan.client("client")

    def run(self, ms):
        self.kernel.run(self.kernel.now + round(ms * 1000))

    def pair(self):
        """A connection from client to server: (client's side, server's side)."""
        listening = self.server.listen(80)
        connection = self.client.connect(self.server.ip, 80)
        self.run(20)
        return connection, listening.connections[0]


@pytest.fixture
def desk():
    return Desk()
