"""Every setting of the product: one frozen class, read once at start. The only module that reads the environment."""

import os
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _data_home() -> Path:
    """The XDG data folder of the person who runs the app."""
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "bookreader"


def _asyncpg_url(url: str | None) -> str | None:
    if url is None or url.startswith("postgresql+asyncpg://"):
        return url
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+asyncpg://" + url.removeprefix(prefix)
    raise ValueError("the address of the database starts with postgresql:// or postgresql+asyncpg://")


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


Folder = Annotated[Path, AfterValidator(_absolute)]


class Settings(BaseSettings):
    """Set each by an environment variable BOOKREADER_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="BOOKREADER_", frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="Address that the web server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that the web server listens on; 0 picks a free one.")
    public_url: str | None = Field(None, description="Address that readers type, when a proxy stands in front.")
    data_dir: Folder = Field(default_factory=_data_home, description="Folder of the books, pictures and database.")
    database_url: Annotated[str | None, AfterValidator(_asyncpg_url)] = Field(
        None, description="A PostgreSQL server (15 or newer) to use instead of the embedded one."
    )
    cluster_dir: Folder | None = Field(None, description="Folder of the embedded server's cluster.")
    pg_bindir: Folder | None = Field(
        None, description="Folder with initdb and postgres to use for the embedded server."
    )
    database_pool: int = Field(10, ge=2, le=200, description="Connections that one process keeps to the database.")
    storage_url: str | None = Field(
        None, description="s3://bucket/prefix to keep files there instead of in the data folder."
    )
    backup_dir: Folder | None = Field(None, description="Folder of the backups; by default backups in the data folder.")
    backups_kept: int = Field(8, ge=1, le=1000, description="Weekly backups that are kept.")
    watch_dir: Folder | None = Field(
        None, description="Folder whose new books are imported for the first administrator."
    )
    upload_limit_mb: int = Field(200, ge=1, le=4096, description="Largest book file that is accepted, in megabytes.")
    parser_memory_mb: int = Field(
        512, ge=128, le=8192, description="Address space of one parser process, in megabytes."
    )
    parser_seconds: int = Field(
        60, ge=1, le=3600, description="Longest time that reading one book may take, in seconds."
    )
    worker: bool = Field(True, description="Whether `serve` runs a worker for slow jobs inside.")
    worker_jobs: int = Field(2, ge=1, le=64, description="Jobs that one worker process runs at the same time.")
    lease_seconds: int = Field(
        15, ge=2, le=600, description="Silence of a worker after which another takes over its jobs, in seconds."
    )
    plates_per_book: int = Field(
        12, ge=0, le=500, description="Offline plates that are drawn by themselves for a new book."
    )
    private_hosts: str | None = Field(
        None, description="Hosts of private networks that may be called, as host or host:port, with commas between."
    )
    pollinations_key: SecretStr | None = Field(
        None, description="Secret key (sk_) of Pollinations: sets that service up."
    )
    pollinations_url: str = Field("https://gen.pollinations.ai", description="Address of Pollinations' gateway.")
    pollinations_model: str = Field("flux", description="Model that Pollinations draws with.")
    openai_key: SecretStr | None = Field(
        None, description="Key of OpenAI, or of what speaks its API: sets openai_dalle up."
    )
    openai_url: str = Field("https://api.openai.com/v1", description="Address of OpenAI's API, or of a compatible one.")
    openai_image_model: str = Field("gpt-image-1", description="Model that openai_dalle draws with.")
    openai_image_quality: Literal["low", "medium", "high", "auto"] = Field(
        "medium", description="Quality that GPT image models draw in; dearer from low to high."
    )
    stable_diffusion_url: str | None = Field(
        None, description="Address of a server with AUTOMATIC1111's API, or of ComfyUI: sets stable_diffusion up."
    )
    stable_diffusion_workflow: Path | None = Field(
        None, description="Workflow (API format) with %prompt% in it: the server is ComfyUI, which draws by it."
    )
    stable_diffusion_login: SecretStr | None = Field(None, description="user:password of that server, if it wants one.")
    stable_diffusion_model: str | None = Field(None, description="Checkpoint to draw with; else what is loaded there.")
    stable_diffusion_steps: int = Field(28, ge=1, le=150, description="Steps of drawing there.")
    stable_diffusion_megapixels: float = Field(
        1.0, ge=0.1, le=4, description="Size of its pictures: 0.25 for models of 512 pixels, 1 for those of 1024."
    )
    midjourney_url: str | None = Field(None, description="Address of a midjourney-proxy: sets midjourney up.")
    midjourney_key: SecretStr = Field(SecretStr(""), description="Secret of that proxy (mj-api-secret).")
    midjourney_pause: float = Field(4, gt=0, le=60, description="Seconds between two looks at a picture in the making.")
    picture_seconds: int = Field(
        180, ge=1, le=1800, description="Longest time that a picture service may take, in seconds."
    )
    picture_limit_mb: int = Field(25, ge=1, le=200, description="Largest picture that is accepted, in megabytes.")
    picture_megapixels: int = Field(40, ge=1, le=200, description="Most pixels of a picture, in millions.")
    llm_url: str | None = Field(
        None,
        description="Address of an OpenAI-compatible API, up to /v1: with a model and its prices, "
        "readers may have a book looked through there.",
    )
    llm_key: SecretStr | None = Field(None, description="Key of that API, if it wants one.")
    llm_model: str | None = Field(None, description="Language model that looks books through there.")
    llm_input_price: Decimal | None = Field(
        None, ge=0, le=10_000, description="US dollars for a million tokens that it reads; 0 for a server of your own."
    )
    llm_output_price: Decimal | None = Field(
        None, ge=0, le=10_000, description="US dollars for a million tokens that it writes; 0 for a server of your own."
    )
    llm_book_budget: Decimal = Field(
        Decimal(1), ge=0, le=100_000, description="US dollars that looking one book through may cost."
    )
    llm_day_budget: Decimal = Field(
        Decimal(5), ge=0, le=100_000, description="US dollars a day that it may cost for everyone together."
    )
    llm_seconds: int = Field(120, ge=1, le=1800, description="Longest time that one answer of it may take, in seconds.")
    llm_parallel: int = Field(4, ge=1, le=64, description="Answers that one book waits for at the same time.")
    llm_tokens: int = Field(
        3000, ge=200, le=100_000, description="Most tokens that it may write in one answer, thoughts included."
    )
    sign_in_days: int = Field(30, ge=1, le=365, description="Days until an unused sign-in ends.")
    registration: Literal["open", "closed"] = Field(
        "open", description="Whether people may register; the first account always may, and administers."
    )
    default_plan: Literal["FREE", "PREMIUM", "ULTIMATE"] = Field("ULTIMATE", description="Plan of a new account.")
    free_books: int = Field(5, ge=0, description="Books that the plan FREE allows.")
    free_images: int = Field(50, ge=0, description="Pictures a month that the plan FREE allows.")
    premium_books: int = Field(100, ge=0, description="Books that the plan PREMIUM allows.")
    premium_images: int = Field(500, ge=0, description="Pictures a month that the plan PREMIUM allows.")
    deleted_book_days: int = Field(30, ge=0, le=3650, description="Days in which a deleted book can be brought back.")
    idle_minutes: int = Field(
        3, ge=1, le=60, description="Minutes without a page turn after which a reading session ends."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")
    log_json: bool = Field(False, description="Whether log lines are JSON objects.")

    @property
    def upload_limit(self) -> int:
        """Largest book file in bytes."""
        return self.upload_limit_mb * 1_000_000

    @property
    def picture_limit(self) -> int:
        """Largest picture in bytes."""
        return self.picture_limit_mb * 1_000_000
