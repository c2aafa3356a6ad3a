"""Which picture services there are here, in what order, at what price: what an administrator decides on a page."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from bookreader.accounts.ledger import Budgets
from bookreader.accounts.queries import set_site_setting, site_setting
from bookreader.database import Session
from bookreader.errors import InvalidInput
from bookreader.illustrations.providers import Provider, Providers, Service, providers_of
from bookreader.illustrations.schemas import PictureRules
from bookreader.settings import Settings

RULES = "pictures"
NAMES = {
    Service.PLATE: "Offline plate",
    Service.POLLINATIONS: "Pollinations",
    Service.OPENAI: "OpenAI",
    Service.STABLE_DIFFUSION: "Stable Diffusion",
    Service.MIDJOURNEY: "Midjourney",
}


@dataclass(frozen=True)
class Studio:
    """The services that may be used, with the rules that hold."""

    settings: Settings
    providers: Providers
    rules: PictureRules

    def provider(self, name: str) -> Provider:
        """Raises InvalidInput: not set up, or switched off."""
        service = next((each for each in Service if each == name), None)
        provider = self.providers.get(service) if service else None
        if provider is None:
            raise InvalidInput(
                f"The service {name} is not set up here. Without a service, an offline plate is drawn.",
                code="service_not_configured",
            )
        if not self.enabled(provider.service):
            raise InvalidInput(
                f"{NAMES[provider.service]} is switched off here. Without a service, an offline plate is drawn.",
                code="service_not_configured",
            )
        return provider

    def enabled(self, service: Service) -> bool:
        """Whether it is set up and switched on; plates always are."""
        return service is Service.PLATE or (service in self.providers and service not in self.rules.disabled)

    def choices(self) -> list[Service]:
        """What can be chosen, in the administrator's order, then the rest; the plate is always there."""
        order = [*self.rules.order, *(service for service in Service if service not in self.rules.order)]
        return [service for service in order if self.enabled(service)]

    def chain(self, service: Service) -> list[Service]:
        """The service, and those that follow it in the administrator's order where one may stand in for another."""
        order = [each for each in self.rules.order if self.enabled(each)]
        if not self.rules.fall_back or service is Service.PLATE or service not in order:
            return [service]
        return order[order.index(service) :]

    def price(self, service: Service) -> Decimal:
        """Of one picture, in US dollars: what the administrator says, else the adapter's estimate."""
        if service is Service.PLATE:
            return Decimal(0)
        given = self.rules.prices.get(service)
        return given if given is not None else Decimal(str(self.providers[service].traits.price))

    def counts(self, chain: list[Service]) -> bool:
        """Whether pictures of the chain count towards plans and budgets: plates alone never do."""
        return chain != [Service.PLATE]

    def most(self, chain: list[Service]) -> Decimal:
        """The most that a picture may cost along a chain."""
        return max(self.price(service) for service in chain)

    @property
    def budgets(self) -> Budgets:
        return Budgets(**self.rules.budgets.model_dump())


async def open_studio(session: Session, settings: Settings, providers: Providers | None = None) -> Studio:
    return Studio(settings, providers or providers_of(settings), await read_rules(session))


async def read_rules(session: Session) -> PictureRules:
    return PictureRules.model_validate(await site_setting(session, RULES) or {})


async def write_rules(session: Session, rules: PictureRules, by: UUID) -> None:
    await set_site_setting(session, RULES, rules.model_dump(mode="json"), by)
