"""Writes the sample book beside its sources: python -m bookreader.sample.build."""

from bookreader.sample.book import BUILT, build_sample


def main() -> None:
    BUILT.write_bytes(build_sample())


if __name__ == "__main__":
    main()
