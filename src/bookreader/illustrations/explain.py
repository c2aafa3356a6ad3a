"""Why there is no picture, as a code with values: what a sentence in any language is made of."""

from typing import Any

from bookreader.illustrations.providers import Answer, Cause, Outcome, Service
from bookreader.illustrations.queries import GeneratedImage, Trouble
from bookreader.illustrations.schemas import Reason
from bookreader.illustrations.services import NAMES


def reason_of(service: Service, answer: Answer) -> dict[str, Any]:
    """That of a service's answer, as it is stored and sent."""
    values: dict[str, str | int] = {"service": NAMES[service]}
    if answer.said:
        values["said"] = answer.said
    if answer.retry_after is not None:
        values["seconds"] = round(answer.retry_after)
    return {"code": answer.cause or Cause(f"picture_{answer.outcome}"), "values": values}


def reason_of_image(image: GeneratedImage) -> Reason | None:
    """That of the sentence which a row shows. Rows of earlier versions know their outcome alone."""
    if image.error_message is None:
        return None
    stored = image.generation_parameters or {}
    if "reason" in stored:
        return Reason.model_validate(stored["reason"])
    outcome = str(stored.get("outcome"))
    if outcome not in set(Outcome) - {Outcome.OK}:
        return None
    return Reason(code=Cause(f"picture_{outcome}"), values={"service": NAMES[Service(image.service_used)]})


def reason_of_trouble(service: Service, trouble: Trouble) -> Reason:
    """That of a service which is not asked right now."""
    values: dict[str, str | int] = {"service": NAMES[service], "seconds": max(1, round(trouble.seconds))}
    return Reason(code=Cause(f"picture_{trouble.outcome}"), values=values)
