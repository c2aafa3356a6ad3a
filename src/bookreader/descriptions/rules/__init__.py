"""Finds the passages of a chapter that are worth a picture. Pure: no model to load, no network, no database."""

from bookreader.descriptions.rules.description import Description as Description
from bookreader.descriptions.rules.description import Entity as Entity
from bookreader.descriptions.rules.description import ScoredParagraph as ScoredParagraph
from bookreader.descriptions.rules.explain import Reason as Reason
from bookreader.descriptions.rules.explain import explain as explain
from bookreader.descriptions.rules.find import RULES_VERSION as RULES_VERSION
from bookreader.descriptions.rules.find import find_descriptions as find_descriptions
from bookreader.descriptions.rules.find import kinds_of_passage as kinds_of_passage
from bookreader.descriptions.rules.find import score_paragraphs as score_paragraphs
