"""The Chalice application: the routes of every area and the functions that events start; nothing else.

Importing this file is every Lambda's cold start, so it stays light: `functions.wiring` imports domain code when it is
first needed (a test holds that).
"""

from typing import Any, cast

from chalice.app import Chalice, LambdaFunctionEvent, Rate, S3Event, SQSEvent

from functions import events, log
from functions.http import areas
from functions.http.routing import mount
from functions.settings import current

settings = current()
log.set_level(settings.log_level)

app = Chalice(app_name="videoflix", configure_logs=False)  # functions.log writes ours
mount(app, *areas.ALL)


@app.on_s3_event(bucket=settings.uploads_bucket, events=["s3:ObjectCreated:*"])
def ingest(event: S3Event) -> None:
    """Register each film that arrived in the uploads bucket."""
    events.objects_created(event.to_dict())


@app.lambda_function(name="transcode")
def transcode(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's own
    """Run a step of the state machine that encodes films."""
    return events.step(event, cast(events.Invocation, context))


@app.schedule(Rate(1, unit=Rate.MINUTES))
def watchdog(_event: LambdaFunctionEvent) -> None:
    """Find films that nobody works on any more."""
    events.minute_passed()


# two at once send some 20 mails a second: SES takes 14 of a new account, and the functions' concurrency is the films'
@app.on_sqs_message(queue=settings.mail_queue, batch_size=5, maximum_concurrency=2)
def send_mail(event: SQSEvent) -> None:
    """Send the mails that wait."""
    events.mails_to_send(event.to_dict())
