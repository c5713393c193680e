"""The emulator with everything that is put right about it, as one ASGI app."""

from __future__ import annotations

from localstack.embedded import asgi
from localstack.embedded.corrections import (
    executions,
    function_state,
    large_objects,
    layer_zips,
    received_messages,
    ses_sender,
    telemetry,
)
from localstack.embedded.corrections.async_invocations import AsyncInvocations
from localstack.embedded.corrections.foreign_pages import ForeignPages
from localstack.embedded.corrections.full_disk import FullDisk
from localstack.embedded.corrections.import_rest_api import ImportRestApi
from localstack.embedded.corrections.sent_mail import SentMail
from localstack.embedded.corrections.source_ip import SourceIp
from localstack.embedded.corrections.update_rest_api import UpdateRestApi
from localstack.embedded.corrections.uploaded_parts import UploadedParts
from localstack.embedded.journal import Journal
from localstack.embedded.snapshots import Snapshots
from localstack.embedded.workers.pool import Pool
from localstack.stack import Stack


class Emulator:
    """Makes ministack serve as AWS would. Its environment must be set before."""

    def __init__(self, stack: Stack) -> None:
        from ministack.app import app  # noqa: PLC0415 - reads its environment at import

        folder = stack.state / "emulator"
        waiting = AsyncInvocations(folder / "async-invocations.kept", lambda: self.snapshots.mark("sqs"))
        disk = FullDisk(folder)
        self.snapshots = Snapshots(Journal(folder), [SentMail(folder / "sent-mail.kept"), waiting, disk])
        self.pool = Pool(stack.state)
        executions.install(lambda: self.snapshots.mark("states"))
        UploadedParts(folder / "parts").install()
        disk.install()  # before it: what there is no room for is refused before any of it is written
        function_state.install()
        large_objects.install()
        layer_zips.install(folder / "layers")
        received_messages.install()
        ses_sender.install()
        telemetry.install()
        waiting.install()
        self.pool.install()
        self.snapshots.install()
        self.app: asgi.App = self.snapshots.watch(ForeignPages(SourceIp(UpdateRestApi(ImportRestApi(app))), stack))

    def opened(self) -> None:
        """Begin with what had to wait until the services answer."""
        self.pool.open()
        self.snapshots.load_extras()
