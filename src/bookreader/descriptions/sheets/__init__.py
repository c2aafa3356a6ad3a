"""Sheets of the people and places of a book: what they are called, what is said of how they look, and where.

Pure: it reads chapter texts and knows no database.
"""

from bookreader.descriptions.sheets.clusters import fullest as fullest
from bookreader.descriptions.sheets.clusters import sex_of as sex_of
from bookreader.descriptions.sheets.make import make_sheets as make_sheets
from bookreader.descriptions.sheets.sheet import Aspect as Aspect
from bookreader.descriptions.sheets.sheet import Called as Called
from bookreader.descriptions.sheets.sheet import Evidence as Evidence
from bookreader.descriptions.sheets.sheet import Fact as Fact
from bookreader.descriptions.sheets.sheet import Sheet as Sheet
from bookreader.descriptions.sheets.sheet import look as look
from bookreader.descriptions.sheets.sheet import seed as seed
