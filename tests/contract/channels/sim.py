"""The simulator: no provider; its calls carry a token, as its routes check it."""

from unittest.mock import create_autospec

from bot import clock
from bot.channels.simulator import Simulator
from bot.hooks import Hook
from bot.model import Address
from bot.ports import Outbox
from bot.simulator_routes import PATH, check, read_message
from tests.contract.channels.spec import CANARY_NUMBER, Spec, with_headers, without_header

TOKEN = "simulator-token-9b1d"


async def _no_upload(_):
    return None


def _receive(request):
    check(request.headers, TOKEN)
    return (read_message(request.body)[0],)


def _forge(request):
    wrong = ["", "Bearer", "Bearer ", f"bearer {TOKEN}", f"Bearer {TOKEN}x", TOKEN, "Bearer é"]
    return [without_header(request, "authorization"), *(with_headers(request, authorization=each) for each in wrong)]


SPEC = Spec(
    name="sim",
    secrets=(TOKEN,),
    build=lambda _url, _http: Simulator(create_autospec(Outbox, instance=True), _no_upload, clock.now),
    prove=lambda request: with_headers(request, authorization=f"Bearer {TOKEN}"),
    forge=_forge,
    to=Address("sim", f"sms:{CANARY_NUMBER}"),
    hooks=lambda _: (Hook("POST", PATH, _receive),),
)
