"""Picture services: those that the settings set up, by name."""

from collections.abc import Mapping

from bookreader.illustrations.providers.comfyui import ComfyUI
from bookreader.illustrations.providers.midjourney import Midjourney
from bookreader.illustrations.providers.openai_dalle import OpenAI
from bookreader.illustrations.providers.plate import OfflinePlate
from bookreader.illustrations.providers.pollinations import Pollinations
from bookreader.illustrations.providers.provider import (
    Answer,
    Cause,
    Order,
    Outcome,
    Passage,
    Provider,
    Service,
    Task,
    Traits,
)
from bookreader.illustrations.providers.stable_diffusion import StableDiffusion
from bookreader.outside import Outside
from bookreader.settings import Settings

__all__ = [
    "Answer",
    "Cause",
    "Order",
    "Outcome",
    "Passage",
    "Provider",
    "Providers",
    "Service",
    "Task",
    "Traits",
    "providers_of",
]

Providers = Mapping[Service, Provider]


def providers_of(settings: Settings, outside: Outside | None = None) -> Providers:
    """The offline plate, and each service that has a key or an address."""
    outside = outside or Outside.from_settings(settings)
    seconds, largest = float(settings.picture_seconds), settings.picture_limit
    found: list[Provider] = [OfflinePlate()]
    if key := settings.pollinations_key:
        found.append(
            Pollinations(outside, settings.pollinations_url, key, settings.pollinations_model, seconds, largest)
        )
    if key := settings.openai_key:
        model, quality = settings.openai_image_model, settings.openai_image_quality
        found.append(OpenAI(outside, settings.openai_url, key, model, quality, seconds, largest))
    if url := settings.stable_diffusion_url:
        login, model_name = settings.stable_diffusion_login, settings.stable_diffusion_model
        steps, size = settings.stable_diffusion_steps, settings.stable_diffusion_megapixels
        if workflow := settings.stable_diffusion_workflow:
            found.append(ComfyUI(outside, url, login, workflow, size, seconds, largest))
        else:
            found.append(StableDiffusion(outside, url, login, model_name, steps, size, seconds, largest))
    if url := settings.midjourney_url:
        pause = settings.midjourney_pause
        found.append(Midjourney(outside, url, settings.midjourney_key, seconds, largest, pause))
    return {provider.service: provider for provider in found}
