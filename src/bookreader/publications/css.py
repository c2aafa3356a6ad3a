"""Style sheets of books, made harmless, and fit for a reader that lays pages out as columns.

What would be fetched from elsewhere goes, as do the old ways of running code; the rest stays as it was written.
CSS Syntax Module Level 3 section 4.3 (tokens and escapes); EPUB 3.3 section 6.3.1.3 (prefixed properties).
"""

import re
from functools import lru_cache

from bookreader.publications.links import is_font_data, is_image_data, stays_inside

_NOTHING = "url(data:,)"
_MAX_CACHED = 500

# Nothing here concerns a sheet without any of these, so a clean sheet costs one look.
_CONCERNS = re.compile(
    r"""\\|url|import|@charset|@namespace|-epub-|break|v[wh]|expression|behaviou?r|binding|script:|//|["'][^"']*:""",
    re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})(?:\r\n|[ \t\r\n\f])?|(.))", re.DOTALL)
# A name before a bracket is a function, of which url( is one: it is nobody's value.
_TOKEN = re.compile(
    r"""
      (?P<comment> /\*.*?(?:\*/|\Z) )
    | (?P<dropped> @charset\b[^;{}]*;? )
    | @namespace\b (?P<namespace> [^;{}]* ) ;?
    | url\( \s* (?P<url> "(?>(?:[^"\\\n]|\\.)*)"? | '(?>(?:[^'\\\n]|\\.)*)'? | (?>(?:[^)\\]|\\.)*) ) \s* \)?
    | (?P<selector> [~|^$*]?= \s* (?: "(?>(?:[^"\\\n]|\\.)*)"? | '(?>(?:[^'\\\n]|\\.)*)'? ) )
    | (?P<string> "(?>(?:[^"\\\n]|\\.)*)"? | '(?>(?:[^'\\\n]|\\.)*)'? )
    | (?P<code> (?<![\w-])(?:expression\s*\(|(?:-moz-binding|behaviou?r)\s*:|(?:java|vb)script\s*:) )
    | (?P<break> (?<![\w-])(?:page-)?break-(?P<edge>before|after|inside)\s*:\s*(?P<how>[a-z-]++)(?!\() )
    | (?P<prefixed> (?<![\w-])-epub-(?P<property>[a-z-]++)(?!\()(?:\s*:\s*(?P<value>[a-z-]++)(?!\())? )
    | (?P<share> (?<![\w.\#-])[+-]?(?:\d++(?>(?:\.\d*+)?)|\.\d++) ) [dls]?(?P<unit>v[wh])\b
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_REMOTE = re.compile(r"(?:https?|ftp|file|data|blob|(?:java|vb)script):|[/\\]{2}", re.IGNORECASE)
_NAMESPACE = re.compile(r"""["'(]\s*(?:https?://(?:www\.)?(?:w3\.org|idpf\.org|daisy\.org)/)""", re.IGNORECASE)
_CHARSET = re.compile(rb"""@charset\s+["']([\w.:-]+)["']""")
_PAGE_UNITS = {"vw": "var(--page-vw, 1vw)", "vh": "var(--page-vh, 1vh)"}
_COLUMN = frozenset(("always", "page", "left", "right", "recto", "verso", "all"))
_EPUB_PROPERTIES = {
    ("text-combine", "horizontal"): "text-combine-upright: all",
    ("text-combine-horizontal", "all"): "text-combine-upright: all",
    ("text-orientation", "vertical-right"): "text-orientation: mixed",
    ("text-orientation", "sideways-right"): "text-orientation: sideways",
}


def sanitise_css(css: str, depth: int = 0) -> str:
    """A style sheet or the declarations of a style attribute, in a file that lies `depth` folders deep.

    Relative addresses stay, data addresses of images and fonts too. `page-break-*` becomes a column break, `vw` and
    `vh` count in `--page-vw` and `--page-vh`, which the reader sets to a hundredth of its page where a page is not the
    whole frame.
    """
    if len(css) <= _MAX_CACHED:
        return _sanitised_before(css, depth)
    return _sanitised(css, depth)


def sanitise_sheet(data: bytes, depth: int = 0) -> bytes:
    """A style sheet as bytes, in UTF-8 afterwards."""
    return sanitise_css(_decoded(data), depth).encode("utf-8", "replace")


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        declared = _CHARSET.match(data)
        name = declared[1].decode() if declared else "cp1252"
        safe = re.fullmatch(r"(?i)(iso-8859-\d+|windows-125\d|cp125\d|koi8-[ru]|shift_jis|euc-jp|gbk|big5)", name)
        return data.decode(name if safe else "cp1252", "replace")


def _sanitised(css: str, depth: int) -> str:
    if _CONCERNS.search(css) is None:
        return css
    if "\\" in css:
        css = _ESCAPE.sub(_letter, css)
    return _TOKEN.sub(lambda found: _token(found, depth), css)


_sanitised_before = lru_cache(maxsize=2048)(_sanitised)


def _letter(found: re.Match[str]) -> str:
    """Undoes the escape of a letter, behind which a name could hide; other escapes may be needed as they are."""
    character = _character(found)
    return character if character.isascii() and character.isalpha() else found[0]


def _character(found: re.Match[str]) -> str:
    if found[1] is None:
        return found[2]
    code = int(found[1], 16)
    return chr(code) if 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else "\ufffd"


def _token(found: re.Match[str], depth: int) -> str:
    whole = found[0]
    match found.lastgroup:
        case "url":
            return whole if _is_local(found["url"].strip("\"'"), depth) else _NOTHING
        case "string":
            return '""' if _REMOTE.match(_plain(whole[1:])) else whole
        case "namespace":
            return whole if _NAMESPACE.search(found["namespace"]) else ""
        case "dropped":
            return ""
        case "code":
            return "invalid(" if whole.endswith("(") else "invalid:"
        case "break":
            return _column_break(found["edge"].lower(), found["how"].lower())
        case "prefixed":
            return _EPUB_PROPERTIES.get((found["property"], found["value"]), whole.replace("-epub-", "", 1))
        case "unit":
            return f"calc({found['share']} * {_PAGE_UNITS[found['unit'].lower()]})"
    return whole


def _column_break(edge: str, how: str) -> str:
    """A page of the reader is a column, so that what breaks a page has to break the column."""
    if edge != "inside" and how in _COLUMN:
        how = "column"
    return f"break-{edge}: {'avoid' if how == 'avoid-page' else how}"


def _is_local(address: str, depth: int) -> bool:
    plain = _ESCAPE.sub(_character, address).strip()
    return stays_inside(plain, depth) or is_image_data(plain) or is_font_data(plain)


def _plain(string: str) -> str:
    return re.sub(r"[\x00-\x20]", "", _ESCAPE.sub(_character, string))
