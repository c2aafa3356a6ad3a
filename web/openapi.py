"""Prints the OpenAPI document of the app as it is in this checkout; nothing is started or opened for it."""

import json
import sys

from bookreader.app import create_app


def main() -> None:
    json.dump(create_app().openapi(), sys.stdout)


if __name__ == "__main__":
    main()
